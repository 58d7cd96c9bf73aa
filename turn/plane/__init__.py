"""The data path: media between clients and peers, by tables that the control side fills. Two of one behaviour: `native`, a
small C file in threads of its own, and `portable`, Python over recvmmsg and sendmmsg where there is no compiler.
"""
