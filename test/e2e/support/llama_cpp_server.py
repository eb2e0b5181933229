"""llama.cpp's own HTTP server, from the wheel xllamacpp, started by the arguments of `llama-server` that a plan gives it."""

import argparse
import os
import signal

import xllamacpp

parser = argparse.ArgumentParser()
parser.add_argument("--hf-repo")  # named so by a plan whose server gets the model itself: this image has it
parser.add_argument("--model", default="/models/smollm2.gguf")
parser.add_argument("--alias", required=True)
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=8080)
parser.add_argument("--parallel", type=int, default=2)
parser.add_argument("--ctx-size", type=int, default=4096)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--metrics", action="store_true")
options = parser.parse_args()

params = xllamacpp.CommonParams()
params.model.path = options.model
params.hostnames = [options.host]
params.port = options.port
params.n_parallel = options.parallel
params.n_ctx = options.ctx_size
params.cpuparams.n_threads = options.threads
params.endpoint_metrics = options.metrics
params.ui = False
params.model_alias = {options.alias} if isinstance(params.model_alias, set) else [options.alias]
server = xllamacpp.Server(params)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
os._exit(0)
