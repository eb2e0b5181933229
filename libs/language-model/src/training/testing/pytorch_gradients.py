"""Loss and all gradients of small decoders by PyTorch in double precision, as JSON on standard output: of cross entropy, and of the
clipped policy gradient with a penalty for leaving a reference model (arXiv:2402.03300 equations 3 and 4).

    python pytorch_gradients.py > pytorch-gradients.json

Weights, tokens and loss weights follow from formulas that pytorch-gradients.test.ts repeats, so that the file holds results only.
"""
import json
import math

import torch
import torch.nn.functional as F

BASE = dict(vocabularySize=11, hiddenSize=8, intermediateSize=12, layers=2, attentionHeads=4, keyValueHeads=2, headSize=4,
            rmsNormEpsilon=1e-5, ropeTheta=100.0, tiedEmbeddings=False, attentionBias=False, queryKeyNorm=False)
CASES = [
    dict(BASE, name='llama', modelType='llama'),
    dict(BASE, name='llama tied', modelType='llama', tiedEmbeddings=True, keyValueHeads=4),
    dict(BASE, name='qwen2', modelType='qwen2', attentionBias=True),
    dict(BASE, name='qwen3', modelType='qwen3', queryKeyNorm=True, headSize=6),
]
ROWS = [[(3 * row + 5 * i + i * i) % 11 for i in range(length)] for row, length in enumerate([7, 5, 6])]
WEIGHTS = [[0.25 * ((row + i) % 4) for i in range(len(tokens))] for row, tokens in enumerate(ROWS)]
# Completions of an older policy; the last row's are of the policy in training itself.
PROMPTS = [2, 1, 3, 2, 2]
COMPLETIONS = [5, 6, 4, 6, 3]
ADVANTAGES = [1.5, -0.75, -1.25, 0.5, 2.0]
CLIP, KL_COEFFICIENT = 0.2, 0.1


def shapes(c):
    h, f, q, k, s = c['hiddenSize'], c['intermediateSize'], c['attentionHeads'] * c['headSize'], c['keyValueHeads'] * c['headSize'], c['headSize']
    yield 'model.embed_tokens.weight', (c['vocabularySize'], h)
    for layer in range(c['layers']):
        p = f'model.layers.{layer}.'
        yield p + 'input_layernorm.weight', (h,)
        for name, rows in (('q', q), ('k', k), ('v', k)):
            yield p + f'self_attn.{name}_proj.weight', (rows, h)
            if c['attentionBias']:
                yield p + f'self_attn.{name}_proj.bias', (rows,)
        if c['queryKeyNorm']:
            yield p + 'self_attn.q_norm.weight', (s,)
            yield p + 'self_attn.k_norm.weight', (s,)
        yield p + 'self_attn.o_proj.weight', (h, q)
        yield p + 'post_attention_layernorm.weight', (h,)
        yield p + 'mlp.gate_proj.weight', (f, h)
        yield p + 'mlp.up_proj.weight', (f, h)
        yield p + 'mlp.down_proj.weight', (h, f)
    yield 'model.norm.weight', (h,)
    if not c['tiedEmbeddings']:
        yield 'lm_head.weight', (c['vocabularySize'], h)


def fill(name, shape, amplitude=0.6):
    """Between -amplitude and amplitude, around one for norms; the phase is the sum of the name's character codes."""
    count = math.prod(shape)
    phase = sum(map(ord, name)) % 97
    values = [amplitude * math.sin(1.7 * i + 0.1 * phase) + (1.0 if 'norm' in name else 0.0) for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).to(torch.float32).to(torch.float64).reshape(shape).requires_grad_()


def log_probabilities(c, w, tokens):
    """Of each token but the first."""
    def norm(x, name):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + c['rmsNormEpsilon']) * w[name]

    def linear(x, name):
        return F.linear(x, w[name + '.weight'], w.get(name + '.bias'))

    def rotate(x, time):
        half = c['headSize'] // 2
        angle = torch.arange(time, dtype=torch.float64)[:, None] * c['ropeTheta'] ** (-torch.arange(half, dtype=torch.float64) / half)
        cos, sin, a, b = angle.cos(), angle.sin(), x[..., :half], x[..., half:]
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    ids = torch.tensor(tokens)
    x = w['model.embed_tokens.weight'][ids[:-1]]
    time = x.shape[0]
    for layer in range(c['layers']):
        p = f'model.layers.{layer}.'
        h = norm(x, p + 'input_layernorm.weight')
        q, k, v = (linear(h, p + f'self_attn.{n}_proj').view(time, -1, c['headSize']) for n in 'qkv')
        if c['queryKeyNorm']:
            q, k = norm(q, p + 'self_attn.q_norm.weight'), norm(k, p + 'self_attn.k_norm.weight')
        q, k, v = rotate(q.transpose(0, 1), time), rotate(k.transpose(0, 1), time), v.transpose(0, 1)
        group = c['attentionHeads'] // c['keyValueHeads']
        mixed = F.scaled_dot_product_attention(q, k.repeat_interleave(group, 0), v.repeat_interleave(group, 0), is_causal=True)
        x = x + linear(mixed.transpose(0, 1).reshape(time, -1), p + 'self_attn.o_proj')
        h = norm(x, p + 'post_attention_layernorm.weight')
        x = x + linear(F.silu(linear(h, p + 'mlp.gate_proj')) * linear(h, p + 'mlp.up_proj'), p + 'mlp.down_proj')
    head = w['model.embed_tokens.weight'] if c['tiedEmbeddings'] else w['lm_head.weight']
    return -F.cross_entropy(F.linear(norm(x, 'model.norm.weight'), head), ids[1:], reduction='none')


def cross_entropy(c, w):
    total, weight = 0.0, 0.0
    for tokens, weights in zip(ROWS, WEIGHTS):
        scale = torch.tensor(weights[1:], dtype=torch.float64)
        total, weight = total - (log_probabilities(c, w, tokens) * scale).sum(), weight + scale.sum()
    return total / weight, {}


def rollouts(c):
    """Rows with what the older policy gave each token; NaN, as JSON null, on prompts and in the row that is the policy's own."""
    older = {name: fill(name, shape, 0.5) for name, shape in shapes(c)}
    for row, (prompt, completion, advantage) in enumerate(zip(PROMPTS, COMPLETIONS, ADVANTAGES)):
        tokens = [(3 * row + 5 * i + i * i) % 11 for i in range(prompt + completion)]
        old = [None] + [float(f'{x:.7g}') for x in log_probabilities(c, older, tokens).tolist()]
        own = row == len(PROMPTS) - 1
        yield dict(tokens=tokens, weights=[0.0] * prompt + [1 / completion] * completion, advantage=advantage,
                   **({} if own else dict(oldLogProbabilities=[None] * prompt + old[prompt:])))


def policy_gradient(c, w, rows):
    frozen = {name: fill(name, shape, 0.55) for name, shape in shapes(c)}
    total, weight, kl, ratios, kinds = 0.0, 0.0, 0.0, [], set()
    for row in rows:
        first = row['weights'].count(0.0)
        scale, advantage = torch.tensor(row['weights'][first:], dtype=torch.float64), row['advantage']
        current = log_probabilities(c, w, row['tokens'])[first - 1:]
        reference = log_probabilities(c, frozen, row['tokens'])[first - 1:].detach()
        old = torch.tensor(row['oldLogProbabilities'][first:], dtype=torch.float64) if 'oldLogProbabilities' in row else current.detach()
        ratio = torch.exp(current - old)
        gain = torch.min(ratio * advantage, torch.clamp(ratio, 1 - CLIP, 1 + CLIP) * advantage)
        k3 = torch.exp(reference - current) - (reference - current) - 1
        total = total + ((KL_COEFFICIENT * k3 - gain) * scale).sum()
        weight, kl = weight + scale.sum(), kl + (k3 * scale).sum().item()
        ratios += ratio.tolist()
        kinds |= {(advantage > 0, 'below' if r < 1 - CLIP else 'above' if r > 1 + CLIP else 'within') for r in ratio.tolist()}
    assert len(kinds) == 6, f'clipped and not, for both signs of the advantage: {kinds}'
    clipped = sum(abs(r - 1) > CLIP for r in ratios) / len(ratios)
    return total / weight, dict(metrics=dict(ratio=sum(ratios) / len(ratios), clipped=clipped, kl=kl / weight.item()))


def gradients(c, loss, **more):
    w = {name: fill(name, shape) for name, shape in shapes(c)}
    value, found = loss(c, w)
    value.backward()
    numbers = {name: [float(f'{x:.7g}') for x in tensor.grad.flatten().tolist()] for name, tensor in w.items()}
    return dict(name=c['name'], config={k: v for k, v in c.items() if k != 'name'}, loss=value.item(), gradients=numbers, **found, **more)


rows = list(rollouts(CASES[0]))
print(json.dumps(dict(
    torch=torch.__version__.split('+')[0],
    cases=[gradients(c, cross_entropy) for c in CASES],
    policyGradient=gradients(CASES[0], lambda c, w: policy_gradient(c, w, rows), rows=rows, options=dict(clip=CLIP, klCoefficient=KL_COEFFICIENT)),
)))
