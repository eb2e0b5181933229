"""llama.cpp's own HTTP server, from the wheel xllamacpp, for tests: ends with its standard input."""

import json
import os
import sys

import xllamacpp


def main() -> None:
    options = json.loads(sys.argv[1])
    params = xllamacpp.CommonParams()
    params.model.path = options["model"]
    params.hostnames = ["127.0.0.1"]
    params.port = options["port"]
    params.n_parallel = options["slots"]
    params.n_ctx = options["slots"] * options["contextLength"]
    params.cpuparams.n_threads = options["threads"]
    params.endpoint_metrics = options["metrics"]
    params.endpoint_slots = True
    params.ui = False
    params.model_alias = {options["alias"]} if isinstance(params.model_alias, set) else [options["alias"]]
    if options.get("apiKey"):
        params.api_keys = [options["apiKey"]]
    server = xllamacpp.Server(params)
    sys.stdin.read()
    del server
    os._exit(0)


main()
