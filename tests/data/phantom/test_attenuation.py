"""Beer-Lambert by hand, and mass that is neither lost nor made when tubes are drawn."""

import math

import numpy as np
import pytest

from cxrtk.data.phantom.attenuation import ATTENUATION_PER_CM, transmission
from cxrtk.data.phantom.exposure import Exposure, expose
from cxrtk.data.phantom.frame import Curve, Frame, chord
from cxrtk.data.phantom.splat import splat
from cxrtk.data.phantom.tubes import bone, solid

# NIST, mass attenuation at 60 keV in cm2/g, times the density in g/cm3 (ICRU 44); multiplied out by hand.
NIST = {"tissue": 0.217088, "fat": 0.18753, "bone": 0.604416, "lung": 0.053378, "air": 0.000225938}


def slab(cm):
    return np.full((2, 3), cm, np.float32)


@pytest.mark.parametrize(("material", "per_cm"), NIST.items())
def test_coefficients_are_those_of_nist(material, per_cm):
    """The linear coefficients are the tabulated ones."""
    assert ATTENUATION_PER_CM[material] == pytest.approx(per_cm, rel=1e-5)


@pytest.mark.parametrize(
    ("thickness", "share"),
    [
        ({"tissue": 0.0}, 1.0),
        ({"tissue": 10.0}, 0.114077),  # exp(-2.17088)
        ({"tissue": 6.0, "lung": 15.0, "bone": 0.4}, 0.0958507),  # exp(-(1.302528 + 0.80067 + 0.2417664))
        ({"tissue": 20.0, "fat": 2.0}, 0.00894357),  # exp(-(4.34176 + 0.37506))
    ],
)
def test_slabs_attenuate_as_beer_and_lambert_say(thickness, share):
    """Slabs in a row multiply: exp of minus the sum of mu t."""
    through = transmission({name: slab(cm) for name, cm in thickness.items()})
    assert through.shape == (2, 3) and through.dtype == np.float32
    assert through == pytest.approx(np.full((2, 3), share), rel=1e-5)


def test_half_value_layer_halves():
    """A layer of ln 2 / mu lets one half through, and a second one half of that."""
    half = math.log(2) / NIST["bone"]
    one, two = (transmission({"bone": slab(n * half)})[0, 0] for n in (1, 2))
    assert (one, two) == pytest.approx((0.5, 0.25), rel=1e-5)


@pytest.mark.parametrize("tilt", [0.0, 0.3])
def test_splat_keeps_the_volume(tilt):
    """Thickness times area is the volume that was dropped."""
    frame = Frame(64, 128.0, (5.0, -3.0), tilt)
    rng = np.random.default_rng(0)
    x, y, volume = rng.uniform(-20, 20, (3, 500)).astype(np.float32)
    drawn = splat(frame, [(x, y, np.abs(volume))])
    assert drawn.sum() * frame.pixel_mm**2 * 10 == pytest.approx(np.abs(volume).sum(), rel=1e-4)


def test_splat_puts_mass_where_the_grid_says():
    """The centre of the mass dropped at one point is that point, by the grid's own coordinates."""
    frame = Frame(64, 128.0, (5.0, -3.0), 0.2)
    point = np.array([11.3], np.float32), np.array([-17.9], np.float32)
    drawn = splat(frame, [(*point, np.ones(1, np.float32))])
    centre = [float((drawn * axis).sum() / drawn.sum()) for axis in frame.grid]
    assert centre == pytest.approx([11.3, -17.9], abs=0.01)


def test_a_solid_tube_is_as_thick_as_a_cylinder():
    """In the middle of a cylinder of radius 10 mm the beam passes 2 cm; 6 mm aside, 1.6 cm (Pythagoras)."""
    frame = Frame(160, 80.0, (0.0, 0.0), 0.0)
    path = np.array([(0.0, -60.0, 10.0), (0.0, 0.0, 10.0), (0.0, 60.0, 10.0)])
    drawn = splat(frame, [solid(path, 0.25)])
    x = frame.grid[0][0]
    profile = drawn[40:120].mean(axis=0)
    assert profile[np.abs(x) < 0.6].mean() == pytest.approx(2.0, rel=0.02)
    assert profile[np.abs(np.abs(x) - 6) < 0.3].mean() == pytest.approx(1.6, rel=0.02)
    assert not profile[np.abs(x) > 11].any()


def test_a_bone_weighs_its_cortex_and_its_inside():
    """A straight bone holds per mm its circumference times the cortex, and its share of spongy bone."""
    frame = Frame(100, 100.0, (0.0, 0.0), 0.0)
    path = np.array([(0.0, y, 0.0, 6.0, 6.0) for y in (-200.0, 0.0, 200.0)])
    normal = np.tile([0.0, 0.0, 1.0], (3, 1))
    drawn = splat(frame, [bone(path, normal, 1.0, 0.2, 0.5, fade_mm=1.0)])
    per_mm = drawn[20:80].sum(axis=1).mean() * frame.pixel_mm * 10  # mm3 of cortical bone a mm of length
    assert per_mm == pytest.approx(2 * math.pi * 6 + 0.2 * math.pi * 36, rel=0.01)


def test_curve_goes_through_its_points():
    """A curve gives its values back, and stays constant beyond its ends."""
    curve = Curve([0.0, 10.0, 30.0], [1.0, 5.0, 2.0])
    assert curve(np.array([-50, 0, 10, 30, 99], np.float32)) == pytest.approx([1, 1, 5, 2, 2], abs=1e-3)


def test_chord_is_that_of_a_circle():
    """3-4-5: at 0.6 of the radius the half chord is 0.8; beyond the edge there is none."""
    assert chord(np.array([0.0, 0.6, -0.6, 1.0, 1.5], np.float32)) == pytest.approx([1, 0.8, 0.8, 0, 0])


@pytest.mark.parametrize("quanta", [500.0, 50_000.0])
def test_noise_is_that_of_counting(quanta):
    """Where N quanta are counted, their spread is the square root of N."""
    exposure = Exposure(quanta, 0.0, 0.01, 0.0, 0.0, 1.0, 99.0, 1.0, 0.0)
    counted = expose(np.ones((256, 256), np.float32), 1.0, exposure, np.random.default_rng(0)) * quanta
    assert counted.mean() == pytest.approx(quanta, rel=0.01)
    assert counted.std() == pytest.approx(math.sqrt(quanta), rel=0.02)


def test_scatter_falls_into_the_shadow():
    """Behind lead the detector sees scattered radiation only, more of it the more passes the grid."""
    primary = np.full((200, 200), 0.2, np.float32)
    primary[60:140, 60:140] = 0.0
    without, some, more = (
        expose(
            primary, 2.0, Exposure(1e6, share, 0.1, 0.0, 0.0, 1.0, 99.0, 1.0, 0.0), np.random.default_rng(0)
        )[100, 100]
        for share in (0.0, 0.1, 0.2)
    )
    assert without < 1e-4 < some < more
