"""The rows in PyTorch: eager, as it is used on processors without a C++ compiler beside it."""

import torch
import torch.nn.functional as F

BYTES = 28_000_000


def sample(x):
    x = x.detach().flatten()
    return [x[0].item(), x[x.numel() // 2].item(), x[-1].item()]


def repeated(call):
    def check():
        out = call()
        return [v for t in (out if isinstance(out, tuple) else (out,)) for v in sample(t)]

    return call, check


def stepping(step):
    return step, lambda: [step().item() for _ in range(3)]


def tensors_of(arrays):
    return {name: torch.from_numpy(a.copy()).long() if a.dtype == "int32" else torch.from_numpy(a.copy())
            for name, a in arrays.items()}


def operation(f):
    """Without gradients."""

    def make(arrays, options):
        args = list(tensors_of(arrays).values())

        def call():
            with torch.inference_mode():
                return f(*args)

        return repeated(call)

    return make


def differentiated(f, count):
    """The gradient of the scalar with respect to the first arguments that are not c."""

    def make(arrays, options):
        t = tensors_of(arrays)
        c = t.pop("c")
        args = [x.requires_grad_() for x in t.values()]
        assert len(args) == count
        return repeated(lambda: torch.autograd.grad((f(*args) * c).sum(), args))

    return make


def descent(params, objective, rate):
    params = [p.requires_grad_() for p in params]
    optimizer = torch.optim.SGD(params, lr=rate, foreach=True)

    def step():
        optimizer.zero_grad()
        value = objective()
        value.backward()
        optimizer.step()
        return value

    return stepping(step)


def mlp(arrays, options):
    t = tensors_of(arrays)
    x, y = t.pop("x"), t.pop("y")
    count = len(t) // 2
    layers = []
    for i in range(1, count + 1):
        layer = torch.nn.Linear(*t[f"w{i}"].shape)
        with torch.no_grad():
            layer.weight.copy_(t[f"w{i}"].T)
            layer.bias.copy_(t[f"b{i}"])
        layers += [layer] + ([torch.nn.ReLU()] if i < count else [])
    model = torch.nn.Sequential(*layers)
    weights = [layer.weight for layer in layers if isinstance(layer, torch.nn.Linear)]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def step():
        optimizer.zero_grad()
        penalty = sum(1e-5 * w.abs().sum() + 1e-4 * w.square().sum() for w in weights)
        value = F.cross_entropy(model(x), y) + penalty
        value.backward()
        optimizer.step()
        return value

    return stepping(step)


def convnet(arrays, options):
    t = tensors_of(arrays)
    x, y = t.pop("x").permute(0, 3, 1, 2).contiguous(), t.pop("y")
    w1, w2 = (t[name].permute(3, 2, 0, 1).contiguous() for name in ("w1", "w2"))
    # The rows of the last layer go with channels last; PyTorch flattens with channels first.
    w3 = t["w3"].reshape(7, 7, 32, 10).permute(3, 2, 0, 1).reshape(10, 1568).contiguous()
    b1, b2, b3 = t["b1"], t["b2"], t["b3"]

    def objective():
        h = F.max_pool2d(F.relu(F.conv2d(x, w1, b1, padding=1)), 2)
        h = F.max_pool2d(F.relu(F.conv2d(h, w2, b2, padding=1)), 2)
        return F.cross_entropy(F.linear(h.flatten(1), w3, b3), y)

    return descent([w1, b1, w2, b2, w3, b3], objective, 0.01)


def lstm(arrays, options):
    t = tensors_of(arrays)
    layer = torch.nn.LSTM(64, 64, batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(t["kernel"].T)
        layer.weight_hh_l0.copy_(t["recurrent"].T)
        layer.bias_ih_l0.copy_(t["bias"])
        layer.bias_hh_l0.zero_()
    params = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0]
    layer.bias_hh_l0.requires_grad_(False)
    return descent(params, lambda: layer(t["x"])[1][0].square().mean(), 0.01)


def transformer(arrays, options):
    t = tensors_of(arrays)
    x = t.pop("x")
    heads, blocks = options["heads"], options["blocks"]
    for name in t:
        if name.split(".")[1].startswith("w"):
            t[name] = t[name].T.contiguous()
    batch, time, width = x.shape

    def block(x, p):
        def split(name):
            return F.linear(z, p("w" + name), p("b" + name)).view(batch, time, heads, -1).transpose(1, 2)

        z = F.layer_norm(x, [width], p("n1s"), p("n1b"))
        mixed = F.scaled_dot_product_attention(split("q"), split("k"), split("v"))
        x = x + F.linear(mixed.transpose(1, 2).reshape(batch, time, width), p("wo"), p("bo"))
        z = F.layer_norm(x, [width], p("n2s"), p("n2b"))
        return x + F.linear(F.gelu(F.linear(z, p("wh"), p("bh"))), p("wz"), p("bz"))

    def objective():
        z = x
        for i in range(blocks):
            z = block(z, lambda name: t[f"{i}.{name}"])
        return z.square().mean()

    return descent(list(t.values()), objective, options["rate"])


def wgan(arrays, options):
    t = tensors_of(arrays)
    real, fake, w1, b1, w2 = t.values()

    def critic(x):
        return (torch.tanh(torch.addmm(b1, x, w1)) @ w2).sum(1)

    def objective():
        between = ((real + fake) / 2).requires_grad_()
        slopes = torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]
        penalty = 10 * ((slopes.norm(dim=1) - 1) ** 2).mean()
        return critic(fake).mean() - critic(real).mean() + penalty

    return descent([w1, b1, w2], objective, 1e-3)


def adam(arrays, options):
    t = tensors_of(arrays)
    p = t["p"].requires_grad_()
    p.grad = t["g"]
    optimizer = torch.optim.Adam([p], lr=1e-3, fused=True)

    def check():
        for _ in range(3):
            optimizer.step()
        return sample(p)

    return optimizer.step, check


def copy(arrays, options):
    a, b = torch.ones(BYTES // 8), torch.ones(BYTES // 8)
    return lambda: a.copy_(b), lambda: []


def triad(arrays, options):
    a, b, c = (torch.ones(BYTES // 12) for _ in range(3))
    return lambda: torch.add(b, c, alpha=0.5, out=a), lambda: []


def kinds(threads, dtype):
    torch.set_num_threads(threads)
    return {
        "matmul": operation(torch.matmul),
        "sum": operation(torch.sum),
        "exp": operation(torch.exp),
        "tanh": operation(torch.tanh),
        "softmax": differentiated(lambda x: torch.softmax(x, -1), 1),
        "layernorm": differentiated(lambda x, s, b: F.layer_norm(x, [x.shape[1]], s, b), 3),
        "five": operation(lambda x: torch.sqrt(torch.square(x) * 0.5 + 1) * x),
        "mlp": mlp,
        "convnet": convnet,
        "lstm": lstm,
        "transformer": transformer,
        "wgan": wgan,
        "adam": adam,
        "copy": copy,
        "triad": triad,
    }
