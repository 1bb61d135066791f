"""The expression language (CEL) in one box, the only importer of its library; not the rules that use it."""
