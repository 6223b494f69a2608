"""Base of all contract suites: the plugin under test and its construction."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

import pytest

from cxrtk.registry import Registry


class Contract:
    """Base class of the suites.

    Attributes:
        plugin: Name of the plugin under test.
        registry: Registry of the kind; set by each suite.
    """

    plugin: ClassVar[str]
    registry: ClassVar[Registry[Any]]

    @pytest.fixture
    def kwargs(self) -> dict[str, Any]:
        """Arguments to build the plugin with; override if the defaults are not sufficient."""
        return {}

    def parameters(self) -> list[str]:
        """Return the names of the arguments that the plugin accepts."""
        return list(inspect.signature(self.registry.get(self.plugin)).parameters)

    def test_is_listed(self) -> None:
        """The plugin is found by its name."""
        assert self.plugin in self.registry.names()

    def test_has_a_docstring(self) -> None:
        """The class or function has a docstring."""
        assert (self.registry.get(self.plugin).__doc__ or "").strip()

    def test_a_misspelt_argument_is_refused(self, kwargs: dict[str, Any]) -> None:
        """An unknown argument is an error, not ignored."""
        with pytest.raises(TypeError):
            self.registry.create(self.plugin, **kwargs, no_such_argument=1)
