//! Wire types that more than one Authing client returns, such as the user.
