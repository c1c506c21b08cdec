"""Facts about the addons that are named, as JSON lines: what they are for, need, export, and are protected by."""

import json
import sys

import lief


def elf(binary):
    versions = [
        aux.name
        for need in binary.symbols_version_requirement
        for aux in need.get_auxiliary_symbols()
        if aux.name.startswith("GLIBC_")
    ]
    dynamic = {entry.tag: entry for entry in binary.dynamic_entries}
    flags = dynamic.get(lief.ELF.DynamicEntry.TAG.FLAGS)
    segments = {segment.type: segment for segment in binary.segments}
    stack = segments.get(lief.ELF.Segment.TYPE.GNU_STACK)
    return {
        "machine": str(binary.header.machine_type).split(".")[-1],
        "exports": sorted(s.name for s in binary.dynamic_symbols if s.exported),
        "glibc": sorted(set(versions), key=lambda name: [int(n) for n in name[6:].split(".")]),
        "libraries": list(binary.libraries),
        "relro": lief.ELF.Segment.TYPE.GNU_RELRO in segments,
        "now": flags is not None and "BIND_NOW" in str(flags),
        "executableStack": stack is None or lief.ELF.Segment.FLAGS.X in stack,
        # Imported: what a linker may bring instead compares with a value that everybody knows.
        "stackProtector": any("__stack_chk_fail" in s.name for s in binary.imported_symbols),
        "stripped": not any(True for _ in binary.symtab_symbols),
    }


def macho(binary):
    version = binary.version_min.version if binary.has_version_min else binary.build_version.minos
    return {
        "machine": str(binary.header.cpu_type).split(".")[-1],
        "exports": sorted({s.name for s in binary.exported_symbols}),
        "libraries": [library.name for library in binary.libraries],
        "minimum": ".".join(str(part) for part in version[:2]),
        "signed": binary.has_code_signature,
        "executableStack": not binary.has_nx_stack,
        "stackProtector": any("___stack_chk_fail" in s.name for s in binary.imported_symbols),
    }


def pe(binary):
    return {
        "machine": str(binary.header.machine).split(".")[-1],
        "exports": sorted(entry.name for entry in binary.get_export().entries),
        "libraries": [library.name for library in binary.imports],
    }


lief.logging.disable()
for path in sys.argv[1:]:
    binary = lief.parse(path)
    kinds = {"ELF": elf, "MachO": macho, "PE": pe}
    kind = type(binary).__module__.split(".")[-1]
    print(json.dumps({"path": path, "kind": kind, **kinds[kind](binary)}))
