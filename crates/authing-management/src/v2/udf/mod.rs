//! The definitions of the custom fields, and their values.

mod fields;
mod values;

pub use fields::{ListUdf, RemoveUdf, SetUdf, UserDefinedField};
pub use values::{ListUdv, ListUdvBatch, SetUdfValueBatch, SetUdvBatch, TargetValues};

resource! {
    /// The definitions of the custom fields, and their values.
    Udf, udf
}
