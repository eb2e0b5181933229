"""TRL's side of the comparison of GRPO steps: the same policy, prompts, reward and settings, on the CPU.

Usage: trl_step.py FOLDER THREADS. FOLDER holds the policy as a Hugging Face model and step.json (prompts and settings). Each line on
standard input is JSON {"steps": n}; the answer is one line {"milliseconds": t, "generating": t, "tokens": n, "kl": k}: wall-clock
time of n whole steps and of their generation, and the completion tokens that were drawn.
"""

import json
import os
import sys
import tempfile
import time

import torch
import transformers
import trl
from datasets import Dataset
from transformers import AutoTokenizer, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

folder, threads = sys.argv[1], int(sys.argv[2])
# Answers alone go to standard output; what the libraries print goes to standard error.
answers, sys.stdout = sys.stdout, sys.stderr
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(threads)
with open(os.path.join(folder, "step.json")) as file:
    description = json.load(file)
prompts, settings = description["prompts"], description["settings"]
group = settings["groupSize"]
rows = len(prompts) * group
drawn = {"tokens": 0, "generating": 0.0}


def answer(fields):
    print(json.dumps(fields), file=answers, flush=True)


def highest_half(completions, completion_ids, **_):
    """Right are the half of a group's completions whose token ids sum highest."""
    rewards = [-1.0] * len(completion_ids)
    for first in range(0, len(completion_ids), group):
        members = range(first, min(first + group, len(completion_ids)))
        for index in sorted(members, key=lambda i: (-sum(completion_ids[i]), i))[: group // 2]:
            rewards[index] = 1.0
    drawn["tokens"] += sum(len(ids) for ids in completion_ids)
    return rewards


class StepsOnDemand(TrainerCallback):
    """Waits before a step until it is asked for some, and answers when they are done."""

    def __init__(self):
        self.left = 0
        self.start = 0.0

    def on_step_begin(self, args, state, control, **_):
        if self.left > 0:
            return
        line = sys.stdin.readline()
        if line == "":
            sys.exit(0)
        self.left = json.loads(line)["steps"]
        drawn.update(tokens=0, generating=0.0)
        self.start = time.perf_counter()

    def on_step_end(self, args, state, control, **_):
        self.left -= 1
        if self.left == 0:
            answer({"milliseconds": (time.perf_counter() - self.start) * 1000, **drawn})


with tempfile.TemporaryDirectory() as output:
    config = GRPOConfig(
        output_dir=output,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        num_generations=group,
        # 8, 16 and 32 rows at once take the same time.
        per_device_train_batch_size=min(16, rows),
        gradient_accumulation_steps=rows // min(16, rows),
        num_iterations=1,
        max_completion_length=settings["maxTokens"],
        # Nothing is cut from the distribution, and no completion ends early.
        temperature=settings["temperature"],
        top_p=1.0,
        top_k=0,
        # A twentieth faster than the default; continuous batching is several times slower on a CPU.
        cache_implementation="static",
        generation_kwargs={"min_new_tokens": settings["maxTokens"]},
        loss_type="grpo",
        beta=settings["klCoefficient"],
        epsilon=settings["clip"],
        learning_rate=settings["learningRate"],
        lr_scheduler_type="constant",
        adam_beta1=settings["betas"][0],
        adam_beta2=settings["betas"][1],
        weight_decay=settings["weightDecay"],
        max_grad_norm=settings["clipNorm"],
        shuffle_dataset=False,
        max_steps=1_000_000,
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    trainer = GRPOTrainer(
        model=folder,
        processing_class=AutoTokenizer.from_pretrained(folder, padding_side="left"),
        reward_funcs=highest_half,
        args=config,
        train_dataset=Dataset.from_dict({"prompt": prompts}),
        callbacks=[StepsOnDemand()],
    )
    generate = trainer.model.generate

    def timed_generate(*args, **kwargs):
        start = time.perf_counter()
        completions = generate(*args, **kwargs)
        drawn["generating"] += (time.perf_counter() - start) * 1000
        return completions

    trainer.model.generate = timed_generate
    lengths = [len(ids) for ids in trainer.processing_class(text=prompts)["input_ids"]]
    answer({"versions": {"trl": trl.__version__, "transformers": transformers.__version__, "torch": torch.__version__}, "promptTokens": lengths})
    trainer.train()
