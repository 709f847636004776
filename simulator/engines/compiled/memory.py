"""How kernels reach the tables: one record of addresses, handed from handler to handler as a single pointer.

Numba hands an array to a function as seven words, and a named tuple of arrays as all of theirs: with 28 tables each
call copied 200 words, which took more time than most handlers, and most of the compiler's time too. Here a function
gets the record, and asks for a table by name: ``state_of(t)[i]``. Every table of ``TABLES`` has such a function.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from simulator.engines.compiled.tables import TABLES, Tables
from simulator.model.compiling import JIT

#: Where each table stands: its address, and its size in each dimension.
WORLD_DTYPE = np.dtype(
    [(f"{name}{what}", "i8") for name, table in TABLES.items() for what in ("", "_0", "_1")[: table.axes + 1]]
)

_OFFSETS = {name: WORLD_DTYPE.fields[name][1] for name in WORLD_DTYPE.names or ()}  # type: ignore[index]


class World:
    """What kernels get in place of the record when the compiler is off: the arrays themselves, and the ports."""

    def __init__(self, arrays: dict[str, np.ndarray], addresses: Any) -> None:
        self.arrays, self._addresses = arrays, addresses

    def __getitem__(self, name: str) -> int:
        return int(self._addresses[name])


def world_of(tables: Tables | dict[str, np.ndarray]) -> Any:
    """The record of addresses. Whoever holds it must hold the tables too, and must make it anew when one is replaced.

    Raises
    ------
    TypeError
        If a table has another type than kernels expect, or its rows do not lie side by side.
    """
    arrays = tables if isinstance(tables, dict) else vars(tables)
    world = np.zeros(1, WORLD_DTYPE)
    for name, array in arrays.items():
        table = TABLES[name]
        if array.dtype != table.dtype or array.ndim != table.axes or not array.flags.c_contiguous:
            raise TypeError(f"table {name} must be {np.dtype(table.dtype)} in {table.axes} dimensions, side by side")
        world[name] = array.ctypes.data
        for axis in range(table.axes):
            world[f"{name}_{axis}"] = array.shape[axis]
    return world[0] if JIT else World(arrays, world[0])


def _compiled_way(name: str) -> Callable[[Any], np.ndarray]:
    from numba import from_dtype, types
    from numba.core import cgutils
    from numba.extending import intrinsic
    from numba.np import arrayobj

    kind, axes = np.dtype(TABLES[name].dtype), TABLES[name].axes
    array_type = types.Array(from_dtype(kind), axes, "C")

    @intrinsic
    def table(_: Any, world: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            word = context.get_value_type(types.int64)

            def field(of: str) -> Any:
                return builder.load(cgutils.get_record_member(builder, args[0], _OFFSETS[of], word))

            made = context.make_array(array_type)(context, builder)
            size = context.get_constant(types.intp, kind.itemsize)
            shape = [field(f"{name}_{axis}") for axis in range(axes)]
            strides = [builder.mul(shape[1], size), size] if axes == 2 else [size]
            arrayobj.populate_array(
                made,
                data=builder.inttoptr(field(name), made.data.type),
                shape=shape,
                strides=strides,
                itemsize=size,
                meminfo=None,
            )
            return made._getvalue()

        return array_type(world), codegen

    return table


def _compiled_prefetch() -> Callable[[Any], None]:
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    @intrinsic
    def fetch(_: Any, address: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            byte_pointer, word = ir.IntType(8).as_pointer(), ir.IntType(32)
            kind = ir.FunctionType(ir.VoidType(), [byte_pointer, word, word, word])
            instruction = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
            to_write, keep, data = word(1), word(3), word(1)
            builder.call(instruction, [builder.inttoptr(args[0], byte_pointer), to_write, keep, data])
            return context.get_dummy_value()

        return types.void(types.int64), codegen

    return fetch


#: Ask the processor for the line of memory at an address, which is needed soon. It changes nothing but time.
prefetch = _compiled_prefetch() if JIT else lambda address: None


def _compiled_lowest_bit() -> Callable[[int], int]:
    from numba import types
    from numba.extending import intrinsic

    @intrinsic
    def lowest(_: Any, word: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.cttz(args[0], context.get_constant(types.boolean, False))

        return types.int64(types.int64), codegen

    return lowest


#: Position of the lowest bit that is set in a word that has one.
lowest_bit = _compiled_lowest_bit() if JIT else lambda word: (int(word) & -int(word)).bit_length() - 1


@cache
def _way_to(name: str) -> Callable[[Any], np.ndarray]:
    """The function that gives kernels one table."""
    return _compiled_way(name) if JIT else lambda world: world.arrays[name]


def __getattr__(name: str) -> Callable[[Any], np.ndarray]:
    """``state_of``, ``life_of``, ...: the way to the table that a name begins with."""
    table = name.removesuffix("_of")
    if table == name or table not in TABLES:
        raise AttributeError(f"no table {table}")
    return _way_to(table)
