//! What every Authing client shares: the transport trait, the call pipeline, tokens, errors, paging and secrets.
