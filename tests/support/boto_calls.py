"""The product's Python files -> every AWS operation they call, found in the syntax tree."""

import ast
from collections.abc import Iterable
from pathlib import Path

import botocore.session
from botocore import xform_name


def operations_called(folders: Iterable[Path]) -> dict[str, set[str]]:
    """Return service -> operations, for every service some module makes a client of.

    A client travels from module to module, so a method's name counts for each such service that
    has it: rather one operation too many than one overlooked.
    """
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
    ]
    words = {
        word
        for tree in trees
        for word in _method_names(tree) | _first_arguments(tree, ("get_paginator", "get_waiter"))
    }
    services = {name for tree in trees for name in _first_arguments(tree, ("client", "_client"))}
    found = {service: _operations(service) for service in services}
    return {
        service: {operations[word] for word in words if word in operations}
        for service, operations in found.items()
        if operations
    }


def _method_names(tree: ast.AST) -> set[str]:
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and not (isinstance(node.value, ast.Name) and node.value.id in modules)
    }


def _first_arguments(tree: ast.AST, functions: tuple[str, ...]) -> set[str]:
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args and _name(call.func) in functions
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", "") or getattr(function, "id", "")


def _operations(service: str) -> dict[str, str]:
    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return {}
    names = session.get_service_model(service).operation_names
    return {xform_name(name): name for name in names}
