"""The restricted grammar, one expression at a time: what is refused, what is let through."""

import json

import pytest

from cxrtk.bundles.lint import lint
from cxrtk.bundles.lint.modules import Modules
from cxrtk.bundles.lint.resolve import Resolver
from cxrtk.bundles.lint.security.expressions import check_expression
from cxrtk.bundles.lint.security.policy import Policy

MODULES = "cxrtk functools glob ignite json logging operator os pathlib sys torch"
NAMES = {name: name for name in MODULES.split()}

REFUSED = """
$__import__('os').system('touch M')
$().__class__.__base__.__subclasses__()
$[x for x in (1).__class__.__mro__]
$(i for i in [1]).gi_frame.f_builtins['eval']('1')
$monai.bundle.scripts.os.system('touch M')
$torch.os.system('touch M')
$torch.load('evil.pt')
$torch.load('evil.pt', weights_only=False)
$torch.load('e', **{'weights_only': False})
$np.load('x.npy', allow_pickle=True)
$monai.utils.optional_import('os')[0].system('touch M')
$torch.hub.load('a/b', 'c')
$torch.utils.cpp_extension.load('x', ['a.cpp'])
$pathlib.Path('M').write_text('x')
$pathlib.Path('M').touch()
$pathlib.Path('a').replace('M')
$[f('M') for f in [pathlib.Path('a').replace]]
$eval('1')
$exec('1')
$open('M', 'w')
$compile('1', '', 'eval')
$getattr(monai, 'bundle')
$getattr(@x, '__class__')
$getattr(@x, @y)
$[getattr(@x, n) for n in ('__cla' + 'ss__',)]
$[getattr(@x, n) for n in ('__class__',)]
$map(getattr, [@x], ['__class__'])
$(lambda f: f('touch M'))(monai.bundle.scripts.os.system)
$(lambda m: m.os)(monai.bundle.scripts)
$[monai][0]
$'{0.__class__}'.format(@x)
$'{0[a].b}'.format(@x)
$@text.format(@x)
$str.format('{0.__class__}', @x)
$'{x}'.format_map(@x)
$f'{().__class__}'
$map(eval, ['1'])
$type('X', (object,), {})
$setattr(torch, 'load', 1)
$setattr(torch.backends.cudnn, 'benchmark', @x)
$[0 for torch.load in [1]]
$[0 for @x.a in [1]]
$(x := 1)
$globals()
$vars()
$breakpoint()
$input()
$functools.partial(torch.load, weights_only=True)
$print('x', file=@y)
$np.lib.npyio.os.system('touch M')
$np.os.system('x')
$glob.os.system('touch M')
$sys.modules['os'].system('touch M')
$os.system('touch M')
$os.environ.update({'a': 'b'})
$os.path.os.system('x')
$monai.utils.misc.run_cmd(['touch', 'M'])
$monai.apps.download_url('http://x', 'y')
$torch.jit.load('x')
$torch.ops.load_library('x')
$torch.utils.benchmark.Timer('import os').timeit()
$torch.utils.collect_env.run('touch M')
$torch.serialization.pickle.loads(b'')
$torch.multiprocessing.spawn(print)
$torch.distributed.run.main(['x'])
$torch.distributed.rpc.init_rpc('a')
$torch.package.PackageImporter('x')
$torch.save({}, 'M')
$torch._C._jit_pass_x()
$np.save('M', 1)
$np.random.mtrand.os
$@net.__class__
$@a._target
$@a.f_globals
$@x.save('M')
$logging.FileHandler('M')
$__local_refs['x']
$torch.nn.Module.__init__.__globals__
$ignite.engine.engine.logging.os
$cxrtk.cli.main(['x'])
$cxrtk.training.runs.Path('M').touch()
$cxrtk.data.atomic.replacing('M')
$cxrtk.networks.register('x')
$monai.data.utils.pickle.loads(b'')
$monai.transforms.utils.ndimage.x
$torch.nn.functional.importlib.import_module('os')
$json.codecs.open('M','w')
$(lambda: (yield))()
$operator.attrgetter('__class__')(@x)
$operator.methodcaller('system')(@x)
$monai.bundle.load('x')
$numpy.f2py.compile('x')
$torch.backends.sys
$torch.version.os
$monai.transforms.LoadImage('os.system', command='touch M')
$monai.transforms.LoadImage(reader=@r)
$map(monai.transforms.LoadImage, ['os.system'])
$monai.data.ImageDataset(@files, None, None, None, None, True, None, 'os.system')
$@f(reader='os.system')
$@frame.eval('1')
""".strip().splitlines()

LET_THROUGH = """
$@network.eval()
$@network_def.to(@device)
$not @flag
$@max_epochs * len(@train#dataloader)
$@train#handlers[: -2 if @rank > 0 else None]
$list(sorted(glob.glob(@dataset_dir + '/imagesTr/*.nii.gz')))
$[{'image': i, 'label': l} for i, l in zip(@images, @labels)]
$lambda x: monai.handlers.from_engine(['loss'], first=True)(x)[0]
$f"{@a} of {@b:>{@width}}"
$torch.float32
$np.float32
$torch.device('cpu')
$torch.zeros(3).numpy()
$torch.load(@path, map_location=@device, weights_only=True)
$torch.optim.Adam(@network.parameters(), lr=1e-3)
$torch.nn.functional.softmax(@x, dim=1)
$torch.nn.functional.conv2d(@x, @w)
$torch.nn.parallel.DistributedDataParallel(@net, device_ids=[@device])
$torch.cuda.amp.GradScaler()
$torch.cuda.FloatTensor(3)
$torch.amp.autocast('cuda')
$torch.fft.fft2(@x)
$torch.inf
$torch.compile(@network)
$torch.distributed.init_process_group(backend='nccl')
$torch.multiprocessing.set_sharing_strategy('file_system')
$setattr(torch.backends.cudnn, 'benchmark', True)
$monai.networks.layers.Norm.BATCH
$monai.networks.layers.factories.Conv['conv', 2]
$monai.utils.set_determinism(0)
$monai.utils.enums.LossReduction.MEAN
$monai.handlers.utils.from_engine(['a'])
$monai.data.list_data_collate
$monai.inferers.SlidingWindowInferer(roi_size=[1,2])
$monai.transforms.LoadImaged(keys='image', reader='PILReader')
$monai.data.load_decathlon_datalist('test.json', data_list_key='test')
$monai.__version__
$functools.partial(sorted, key=lambda x: x['a'])
$os.path.join(@a, 'b').replace('a', 'b')
$os.environ.get('HOME', '.')
$os.environ['HOME']
$'{}-{:03d}'.format(@a, 3)
$type(@a).__name__
${part: len(getattr(@lists, part)) for part in ('train', 'test')}
$np.array([1,2]).astype(np.float32).tolist()
$np.random.randint(3)
$np.load(@f)
$ignite.engine.Events.EPOCH_COMPLETED
$pathlib.Path(@a).parent.name
$sys.stderr.isatty()
$' '.join(sys.argv)
$cxrtk.training.open_run(@a, @b)
$cxrtk.networks.create('paper_unet')
""".strip().splitlines()


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy(Resolver(Modules()))


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text, policy):
    """What could run a stranger's code, write files or load pickles is refused."""
    assert "security" in {mistake.kind for mistake in check_expression(text, NAMES, policy)}


@pytest.mark.parametrize("text", LET_THROUGH)
def test_let_through(text, policy):
    """What bundles are made of is let through."""
    assert list(check_expression(text, NAMES, policy)) == []


STRANGE = [
    "(" * 300 + ")" * 300,
    "1+" * 20_000 + "1",
    "a" + ".b" * 20_000,
    "'\ud800'",
    "\0",
    "@" * 99,
    "a[" * 90,
]


@pytest.mark.parametrize("text", STRANGE)
def test_strange(text, tmp_path):
    """Text that brings parsers down is an issue like another."""
    config = tmp_path / "strange.json"
    config.write_text(json.dumps({"run": ["$@x"], "x": "$" + text}))
    assert [issue.id for issue in lint([config])][:1] == ["x"]
