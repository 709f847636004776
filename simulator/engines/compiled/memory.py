"""How kernels reach the tables: one record of addresses, handed from handler to handler as a single pointer.

Numba hands an array to a function as seven words, and a named tuple of arrays as all of theirs: with 28 tables each
call copied 200 words, which took more time than most handlers, and most of the compiler's time too. Here a function
gets the record, and asks for a table by name: ``state_of(t)[i]``. Without the compiler the same names return the
arrays themselves.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.engines.compiled.tables import (
    GROUP_DTYPE,
    LAST_DTYPE,
    LIFE_DTYPE,
    LINE_DTYPE,
    NODE_DTYPE,
    STATE_DTYPE,
    Tables,
)
from simulator.engines.report import ASSET_DTYPE, LOAD_DTYPE, LOG_DTYPE, PEOPLE_DTYPE, QUEUE_DTYPE
from simulator.model.compiling import JIT

#: Type of the rows, and number of dimensions, of each table.
KINDS: dict[str, tuple[Any, int]] = {
    "arrival_at": (np.int64, 1),
    "arrival_who": (np.uint32, 1),
    "state": (STATE_DTYPE, 1),
    "life": (LIFE_DTYPE, 1),
    "group": (GROUP_DTYPE, 1),
    "free": (np.int32, 1),
    "nodes": (NODE_DTYPE, 1),
    "heap": (np.int32, 1),
    "buckets": (np.int32, 1),
    "unborn": (STATE_DTYPE, 1),
    "unlived": (LIFE_DTYPE, 1),
    "done": (LIFE_DTYPE, 1),
    "last": (LAST_DTYPE, 1),
    "done_number": (np.int32, 1),
    "rows": (np.int32, 1),
    "times": (np.uint16, 2),
    "people": (PEOPLE_DTYPE, 1),
    "person_role": (np.int64, 1),
    "person_team": (np.int64, 1),
    "person_line": (np.int64, 1),
    "free_people": (np.int64, 1),
    "free_words": (np.int64, 1),
    "ranks": (np.int64, 1),
    "queues": (QUEUE_DTYPE, 1),
    "lines": (LINE_DTYPE, 1),
    "reviews": (np.int64, 2),
    "load": (LOAD_DTYPE, 2),
    "spend": (np.float64, 2),
    "assets": (ASSET_DTYPE, 1),
    "hours": (np.int64, 2),
    "log": (LOG_DTYPE, 1),
    "tally": (np.int64, 1),
}

#: Where each table stands: its address, and its size in each dimension.
WORLD_DTYPE = np.dtype(
    [(f"{name}{what}", "i8") for name, (_, axes) in KINDS.items() for what in ("", "_0", "_1")[: axes + 1]]
)

_OFFSETS = {name: WORLD_DTYPE.fields[name][1] for name in WORLD_DTYPE.names or ()}  # type: ignore[index]

#: Arrays by address, for kernels that run without the compiler.
_BY_ADDRESS: dict[int, np.ndarray] = {}


def world_of(tables: Tables | dict[str, np.ndarray]) -> Any:
    """The record of addresses. Whoever holds it must hold the tables too, and must make it anew when one is replaced.

    Raises
    ------
    TypeError
        If a table has another type than kernels expect, or its rows do not lie side by side.
    """
    world = np.zeros(1, WORLD_DTYPE)
    for name, array in (tables if isinstance(tables, dict) else tables._asdict()).items():
        kind, axes = KINDS[name]
        if array.dtype != kind or array.ndim != axes or not array.flags.c_contiguous:
            raise TypeError(f"table {name} must be {np.dtype(kind)} in {axes} dimensions, side by side")
        world[name] = array.ctypes.data
        for axis in range(axes):
            world[f"{name}_{axis}"] = array.shape[axis]
        if not JIT:
            _BY_ADDRESS[array.ctypes.data] = array
    return world[0]


def _compiled_way(name: str) -> Callable[[Any], np.ndarray]:
    from numba import from_dtype, types
    from numba.core import cgutils
    from numba.extending import intrinsic
    from numba.np import arrayobj

    kind, axes = np.dtype(KINDS[name][0]), KINDS[name][1]
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


def _way_to(name: str) -> Callable[[Any], np.ndarray]:
    """The function that gives kernels one table."""
    if JIT:
        return _compiled_way(name)
    return lambda world: _BY_ADDRESS[int(world[name])]


arrival_at_of = _way_to("arrival_at")
arrival_who_of = _way_to("arrival_who")
state_of = _way_to("state")
life_of = _way_to("life")
groups_of = _way_to("group")
free_of = _way_to("free")
nodes_of = _way_to("nodes")
heap_of = _way_to("heap")
buckets_of = _way_to("buckets")
unborn_of = _way_to("unborn")
unlived_of = _way_to("unlived")
done_of = _way_to("done")
last_of = _way_to("last")
done_number_of = _way_to("done_number")
rows_of = _way_to("rows")
times_of = _way_to("times")
people_of = _way_to("people")
person_role_of = _way_to("person_role")
person_team_of = _way_to("person_team")
person_line_of = _way_to("person_line")
free_people_of = _way_to("free_people")
free_words_of = _way_to("free_words")
ranks_of = _way_to("ranks")
queues_of = _way_to("queues")
lines_of = _way_to("lines")
reviews_of = _way_to("reviews")
load_of = _way_to("load")
spend_of = _way_to("spend")
assets_of = _way_to("assets")
hours_of = _way_to("hours")
log_of = _way_to("log")
tally_of = _way_to("tally")
