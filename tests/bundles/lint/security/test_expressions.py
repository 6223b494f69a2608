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
$monai.transforms.LoadImage('os.system', command='touch M')
$monai.transforms.LoadImage(reader=@r)
$map(monai.transforms.LoadImage, ['os.system'])
$monai.data.ImageDataset(@files, None, None, None, None, True, None, 'os.system')
$@f(reader='os.system')
$@frame.eval('1')
$[np.random.mtrand][0].np.load('a.npy', None, True)
$np.matrixlib.defmatrix.sys.modules
$np.testing.run_threaded(print)
$np.random.__config__
$np.load('a.npy', None, True)
$np.load('a.npy', 'w+')
$np.load(*['a.npy', None, True])
$np.load(**@x)
$np.random.mtrand.RandomState.seed
$[os.environ][0].update(A='b')
$(lambda e: e)(os.environ)
$os.environ.setdefault('A', 'b')
$os.environ.pop('A')
$os.putenv('A', 'b')
$dict(a=os.environ)
$os.remove('M')
$os.rename('a', 'b')
$os.replace('a', 'b')
$[os][0].replace('a', 'b')
$pathlib.Path.replace(pathlib.Path('a'), 'M')
$pathlib.Path('a').replace(*['M'])
$pathlib.Path('a').replace(target='M')
$[P.replace('a', 'M') for P in [pathlib.Path]]
$map(pathlib.Path.unlink, @paths)
$type(@p).replace(@p, 'M')
$[type][0](@p).replace(@p, 'M')
$pathlib.Path('M').open('w')
$pathlib.Path('M').write_bytes(b'')
$pathlib.Path('M').unlink()
$pathlib.Path('M').symlink_to('a')
$pathlib.os.system('x')
$torch.load('e', None, @pickle)
$torch.load('e', pickle_module=@p)
$torch.load(*@a)
$torch.load(**@a)
$[torch.load][0]('e', weights_only=False)
$map(torch.load, ['e'])
$torch.hub.load_state_dict_from_url('http://x')
$torch.utils.model_zoo.load_url('http://x')
$monai.losses.PerceptualLoss(spatial_dims=2)
$monai.losses.perceptual.torch.hub.load('a', 'b')
$monai.networks.nets.DenseNet121(2, 1, 2, 64, 32, (6, 12), 4, 0.0, 'relu', 'batch', 0.0, True)
$monai.networks.nets.DenseNet121(spatial_dims=2, in_channels=1, out_channels=2, pretrained=True)
$monai.networks.nets.EfficientNetBN('efficientnet-b0')
$monai.networks.nets.HoVerNet(pretrained_url='http://x')
$monai.apps.MedNISTDataset('d', 'training', download=True)
$monai.transforms.LoadImage('NumpyReader', True, None, False, False, None, '.', True, None, None, True)
$monai.transforms.LoadImage(*@a)
$monai.handlers.MLFlowHandler('http://x')
$monai.data.register_writer('nii', @w)
$monai.handlers.utils.write_metrics_reports('M', None, @m, None, None)
$ignite.handlers.DiskSaver('/')
$torch.distributed.init_process_group('gloo', init_method='tcp://x:1')
$torch.nn.functional.importlib
$torch.utils.data.datapipes.iter.FileOpener(['M'])
$torch.zeros.__globals__
$math.__loader__
$monai.utils.enums.__builtins__
$getattr(torch, 'os')
$getattr(@x, 'write_text')
$setattr(@x, 'kwargs', {'allow_pickle': True})
$setattr(torch.nn.Module, 'forward', print)
$setattr(@x, 'lr', torch.hub)
$@x.any_attribute_that_is_not_listed
$json.dump(@x, @y)
$sys.path.append('.')
$sys.stdout.write('x')
$sys.stdout
$f'{(lambda: (yield))}'
$[*open('M')]
""".strip().splitlines()

LET_THROUGH = """
$torch.load(@path)
$torch.load(@path, map_location=torch.device('cpu'))
$torch.load(@path, @device)['model']
$getattr(torch, 'float32')
$getattr(@engine.state, 'metrics', None)
$hasattr(torch, 'compile')
$'RANK' in os.environ
$int(os.environ['LOCAL_RANK']) if 'LOCAL_RANK' in os.environ else 0
$pathlib.Path(@out).mkdir(parents=True, exist_ok=True)
$os.makedirs(@out, exist_ok=True)
$os.path.exists(@out)
$pathlib.Path.cwd() / 'a'
$[i.replace('img', 'lbl') for i in @images]
$@path.replace('.nii', '_seg.nii')
$setattr(@trainer.state, 'max_epochs', 3)
$setattr(torch.backends.cuda.matmul, 'allow_tf32', True)
$monai.networks.nets.EfficientNetBN('efficientnet-b0', pretrained=False)
$monai.apps.MedNISTDataset(@d, section='training', download=False)
$monai.apps.detection.metrics.coco.COCOMetric(classes=['nodule'], iou_list=[0.1], max_detection=[100])
$monai.networks.nets.resnet.resnet50(spatial_dims=3, n_input_channels=1, conv1_t_stride=[2,2,1])
$@detector.set_target_keys(box_key='box', label_key='label')
$@preprocessing.set_random_state(123)
$@scheduler.set_timesteps(num_inference_steps=50)
$torch.tensor([[@a, @b]]).to(@device).unsqueeze(1)
$filter(lambda p: p.requires_grad, @network.parameters())
$lambda x: torch.nan_to_num(x, nan=255)
$lambda x, s=@n: np.concatenate(tuple([(x == _k).astype(x.dtype) for _k in range(s)]), axis=0)
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


def test_a_name_that_is_not_there(policy):
    """A name that a listed module does not have is a mistake, and no matter of trust."""
    (mistake,) = check_expression("$torch.version.os", NAMES, policy)
    assert mistake.kind == "error" and "torch.version has no 'os'" in mistake.what


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
