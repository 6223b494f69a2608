"""Plugins by name: one flat registry per kind; a plugin's file is imported on first use."""

from __future__ import annotations

import importlib
import inspect
import pydoc
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cxrtk.discovery import Source, find
from cxrtk.errors import ConfigError, PluginBroken, PluginConflict, PluginError, PluginNotFound

if TYPE_CHECKING:
    from monai.metrics.metric import CumulativeIterationMetric
    from torch import nn

    from cxrtk.api import MaskGenerator, Reader, Step, Writer

Plugin = TypeVar("Plugin")
Factory = TypeVar("Factory", bound=Callable[..., Any])


class Registry(Generic[Plugin]):
    """The plugins of one kind.

    Args:
        kind: Name of the kind, which is also the name of its sub-folder in a plugin folder.
        contract: Dotted name of the type that every plugin of the kind builds; imported when the first
            one is built, so that listing names imports neither torch nor MONAI.
    """

    def __init__(self, kind: str, contract: str) -> None:
        self.kind = kind
        self.contract = contract
        self._factories: dict[str, Callable[..., Plugin]] = {}

    def register(self, name: str) -> Callable[[Factory], Factory]:
        """Decorate a class or function that builds the plugin `name`.

        Raises:
            PluginConflict: The name is already registered by another class or function.
            PluginBroken: The callable has ``**kwargs`` (a misspelt argument would go unnoticed) or a
                parameter ``name``.
        """

        def decorate(factory: Factory) -> Factory:
            taken = self._factories.get(name)
            if taken is not None and _where(taken) != _where(factory):
                raise PluginConflict(
                    f"{self.kind} {name!r} is registered twice: {_where(taken)} and {_where(factory)}."
                )
            for parameter in inspect.signature(factory).parameters.values():
                if parameter.kind is parameter.VAR_KEYWORD:
                    raise PluginBroken(
                        f"{self.kind} {name!r}: **{parameter.name} would hide misspelled arguments; "
                        "list the parameters one by one."
                    )
                if parameter.name == "name":
                    raise PluginBroken(
                        f"{self.kind} {name!r}: a parameter cannot be called 'name'; create() uses it."
                    )
            self._factories[name] = factory
            return factory

        return decorate

    def names(self) -> list[str]:
        """Return all names, sorted; imports no plugin."""
        return sorted({source.name for source in find(self.kind)} | self._factories.keys())

    def get(self, name: str) -> Callable[..., Plugin]:
        """Return the class or function that builds `name`; imports that one file.

        Raises:
            PluginNotFound: There is no such name.
            PluginConflict: Several files claim it.
            PluginBroken: Its file cannot be imported, or registers something else.
        """
        if name not in self._factories:
            self._load(self._only_source(name))
        return self._factories[name]

    def create(self, name: str, **kwargs: Any) -> Plugin:
        """Build the plugin `name` with its keyword arguments.

        Raises:
            PluginBroken: The object that it builds is not of this kind.
            TypeError: The plugin does not accept one of the arguments.
        """
        plugin = self.get(name)(**kwargs)
        contract: Any = pydoc.locate(self.contract)
        if not isinstance(plugin, contract):
            raise PluginBroken(
                f"{self.kind} {name!r} built {type(plugin).__name__}, not {contract.__name__}."
            )
        return plugin

    def broken(self) -> dict[str, PluginError]:
        """Import every plugin and return name -> error for those that cannot be used; raises nothing."""
        errors: dict[str, PluginError] = {}
        for name in self.names():
            try:
                self.get(name)
            except PluginError as error:
                errors[name] = error
        return errors

    def sources(self) -> list[Source]:
        """Return every file that claims a name of this kind, sorted by name; imports none."""
        return sorted(find(self.kind))

    def _only_source(self, name: str) -> Source:
        sources = [source for source in find(self.kind) if source.name == name]
        if not sources:
            near = get_close_matches(name, self.names(), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            known = ", ".join(self.names()) or "none"
            raise PluginNotFound(f"No {self.kind} plugin {name!r}.{hint} Available: {known}.")
        if len(sources) > 1:
            listed = "".join(f"\n  {source.file} (from {source.origin})" for source in sources)
            raise PluginConflict(
                f"{len(sources)} {self.kind} plugins are called {name!r}; rename one:{listed}"
            )
        return sources[0]

    def _load(self, source: Source) -> None:
        before = _snapshot(self)
        # A module that is loaded but not registered was imported by a plugin that was then refused.
        sys.modules.pop(source.module, None)
        try:
            importlib.import_module(source.module)
        except (Exception, SystemExit) as error:
            _restore(before, source)
            cause = str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
            where = f"{source.file}, from {source.origin}"
            raise PluginBroken(
                f"{self.kind} {source.name!r} ({where}) cannot be imported: {cause}"
            ) from error
        added = [
            (registry.kind, name)
            for registry, names in before
            for name in registry._factories.keys() - names.keys()
        ]
        if added != [(self.kind, source.name)]:
            _restore(before, source)
            listed = ", ".join(f"{kind} {name!r}" for kind, name in sorted(added)) or "none"
            raise PluginBroken(
                f"{source.file} must register {self.kind} {source.name!r} and no other, "
                f"but registers {listed}."
            )

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __repr__(self) -> str:
        return f"<Registry {self.kind}: {', '.join(self.names()) or 'none'}>"


def check_arguments(registry: Registry[Any], name: str, arguments: Mapping[str, Any]) -> None:
    """Check that a plugin accepts the given arguments and lacks none; a mismatch is a configuration error.

    Raises:
        ConfigError: An argument is unknown or missing; the message lists the accepted ones.
        PluginError: The plugin does not exist, or cannot be imported.
    """
    signature = inspect.signature(registry.get(name))
    try:
        signature.bind(**arguments)
    except TypeError as error:
        raise ConfigError(f"{registry.kind} {name!r}: {error}. It takes {signature}.") from error


Snapshot = list[tuple[Registry[Any], dict[str, Callable[..., Any]]]]


def _snapshot(asked: Registry[Any]) -> Snapshot:
    """Copy the contents of all registries, since a plugin may register in any of them."""
    every = {id(registry): registry for registry in (asked, *registries.values())}
    return [(registry, registry._factories.copy()) for registry in every.values()]


def _restore(before: Snapshot, source: Source) -> None:
    """Restore the registries and unload the file, so that a second import fails with the same error."""
    for registry, names in before:
        registry._factories = names
    sys.modules.pop(source.module, None)


def _where(factory: Callable[..., Any]) -> str:
    """Return the file and qualified name, which are equal for a re-run notebook cell or a reloaded module."""
    if factory.__module__ == "__main__":  # a notebook cell gets a new file name after every edit
        return f"__main__:{factory.__qualname__}"
    return f"{inspect.getsourcefile(inspect.unwrap(factory))}:{factory.__qualname__}"


readers: Registry[Reader] = Registry("readers", "cxrtk.api.Reader")
masks: Registry[MaskGenerator] = Registry("masks", "cxrtk.api.MaskGenerator")
networks: Registry[nn.Module] = Registry("networks", "torch.nn.Module")
metrics: Registry[CumulativeIterationMetric] = Registry(
    "metrics", "monai.metrics.metric.CumulativeIterationMetric"
)
writers: Registry[Writer] = Registry("writers", "cxrtk.api.Writer")
steps: Registry[Step] = Registry("steps", "cxrtk.api.Step")
registries: dict[str, Registry[Any]] = {
    each.kind: each for each in (readers, masks, networks, metrics, writers, steps)
}
