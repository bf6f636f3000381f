"""A chain made up from a seed, nodes that tell of it, and the ways in which they lie.

Nothing here uses the project's own decoding or recomputation: headers, roots, signatures and
movements come from the `rlp`, `trie` and `eth_account` libraries and from the ledger in this
package, so that it is a second opinion.
"""
