"""What the suites of all kinds share: which plugin, and how it is built."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

import pytest

from cxrtk.registry import Registry


class Contract:
    """Base of the suites.

    Attributes:
        plugin: Name of the plugin under test.
        registry: The kind; set by each suite.
    """

    plugin: ClassVar[str]
    registry: ClassVar[Registry[Any]]

    @pytest.fixture
    def kwargs(self) -> dict[str, Any]:
        """Arguments to build the plugin with; override where the defaults do not do."""
        return {}

    def parameters(self) -> list[str]:
        """Names of the arguments that the plugin takes."""
        return list(inspect.signature(self.registry.get(self.plugin)).parameters)

    def test_is_listed(self) -> None:
        """The plugin is found by its name."""
        assert self.plugin in self.registry.names()

    def test_has_a_docstring(self) -> None:
        """The class or function says what it is."""
        assert (self.registry.get(self.plugin).__doc__ or "").strip()

    def test_a_misspelt_argument_is_refused(self, kwargs: dict[str, Any]) -> None:
        """An argument that the plugin does not know is an error, not passed over."""
        with pytest.raises(TypeError):
            self.registry.create(self.plugin, **kwargs, no_such_argument=1)
