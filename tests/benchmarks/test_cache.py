"""benchmarks/cache.py: a small run fills and streams every image."""


def test_a_small_run(load_benchmark, capsys):
    """Its numbers are of as many images as were asked for; seconds are not looked at."""
    found = load_benchmark("cache").main(["--images", "40", "--image_size", "32", "--workers", "0"])
    assert found["images"] == 40 and found["memory_mb"] > 10
    assert 0.008 < found["disk_mb"] < 0.02  # two planes of float32, and their headers
    assert "112120 images:" in capsys.readouterr().out
