//! The setter for the namespace, once for all calls.

/// Gives calls the setter for the namespace that they are about. An empty one
/// is an invalid argument: the server takes it for none, and acts on another
/// namespace.
///
/// ```text
/// namespace_setter! {
///     /// Lists the roles of this namespace only.
///     Call<ListRoles>: |list| list.namespace;
/// }
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! namespace_setter {
    ($($(#[$meta:meta])* $call:ident<$operation:ty>: |$one:ident| $place:expr;)+) => {
        $(impl $call<$operation> {
            $(#[$meta])*
            ///
            /// An empty one makes the call fail before anything is sent.
            pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
                let namespace = namespace.into();
                if namespace.is_empty() {
                    return Self(self.0.mistake("the namespace is empty"));
                }
                let $one = &mut self.0.operation;
                $place = Some(namespace);
                self
            }
        })+
    };
}
