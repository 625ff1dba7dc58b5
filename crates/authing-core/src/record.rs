//! Objects of an answer of which little must be there: tokens, claims, what a
//! server says about itself.
//!
//! A type says where the value of each of its members goes; reading them is the
//! same for all. A member that is optional is read where it converts without
//! loss, and is left out otherwise: it never makes the answer useless. `null`
//! counts as absent, and of a name that comes twice the last value counts.
//! What must be there, or decides about trust, is taken as it should be or not
//! at all, and only once.

mod scalar;

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::{Map, Value};

use crate::bounded::no_text;
use crate::{Secret, Timestamp, trace};
use scalar::Scalar;

/// An object whose members have places.
pub trait Record {
    /// The name of the type, for the logs.
    fn name(&self) -> &'static str;

    /// The members that must be there.
    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    /// Where the value of this member goes.
    fn slot(&mut self, member: &str) -> Slot<'_>;

    /// Takes a text in the place of the object, if it means something.
    fn take_text(&mut self, _: &str) -> bool {
        false
    }
}

/// Reads a [`Record`] from any JSON object.
pub fn read_record<'de, R, D>(deserializer: D) -> Result<R, D::Error>
where
    R: Record + Default,
    D: Deserializer<'de>,
{
    let mut record = R::default();
    deserializer.deserialize_any(Members(&mut record))?;
    Ok(record)
}

/// Implements `Deserialize` for [`Record`]s.
#[doc(hidden)]
#[macro_export]
macro_rules! read_as_record {
    ($($name:ty),+ $(,)?) => {
        $(impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::read_record(deserializer)
            }
        })+
    };
}

/// Where the value of a member goes.
pub struct Slot<'a> {
    place: Place<'a>,
    is_strict: bool,
}

/// Without the value, which may be a secret.
impl fmt::Debug for Slot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("is_strict", &self.is_strict)
            .finish_non_exhaustive()
    }
}

enum Place<'a> {
    Text(Target<'a, String>),
    Secret(Target<'a, Secret>),
    Flag(Target<'a, bool>),
    Seconds(Target<'a, i64>),
    Span(&'a mut Option<u64>),
    Date(&'a mut Option<Timestamp>),
    Words(&'a mut Option<String>),
    Texts(&'a mut Vec<String>),
    Record(&'a mut dyn Optional),
    Rest(&'a mut Map<String, Value>),
    Nothing,
}

/// What must be there, or may.
enum Target<'a, T> {
    Required(&'a mut T),
    Optional(&'a mut Option<T>),
}

impl<T> Target<'_, T> {
    fn put(self, value: T) {
        match self {
            Self::Required(place) => *place = value,
            Self::Optional(place) => *place = Some(value),
        }
    }

    fn is_filled(&self) -> bool {
        matches!(self, Self::Optional(Some(_)))
    }
}

/// A record that may be there.
pub trait Optional {
    /// An empty one.
    fn begin(&mut self) -> &mut dyn Record;
    /// None.
    fn clear(&mut self);
}

impl<R: Record + Default> Optional for Option<R> {
    fn begin(&mut self) -> &mut dyn Record {
        self.insert(R::default())
    }

    fn clear(&mut self) {
        *self = None;
    }
}

macro_rules! slots {
    ($($(#[$meta:meta])* $optional:ident $(/ $required:ident)?: $place:ident($type:ty),)+) => {
        impl<'a> Slot<'a> {
            $(
                $(#[$meta])*
                pub fn $optional(place: &'a mut Option<$type>) -> Self {
                    Self::lenient(Place::$place(Target::Optional(place)))
                }

                $(
                    /// The same for what must be there.
                    pub fn $required(place: &'a mut $type) -> Self {
                        Self::lenient(Place::$place(Target::Required(place))).strict()
                    }
                )?
            )+
        }
    };
}

slots! {
    /// A text, or a number or truth value written as one.
    text / required_text: Text(String),
    /// A text that is not shown. No other value is one.
    secret: Secret(Secret),
    /// True or false, also as text or as 1 and 0.
    flag / required_flag: Flag(bool),
    /// A point in time in seconds since 1970, also in text. A fraction, which
    /// RFC 7519 (section 2) allows, is cut off.
    seconds / required_seconds: Seconds(i64),
}

impl<'a> Slot<'a> {
    fn lenient(place: Place<'a>) -> Self {
        Self {
            place,
            is_strict: false,
        }
    }

    /// A time in seconds, not below zero, also in text.
    pub fn span(place: &'a mut Option<u64>) -> Self {
        Self::lenient(Place::Span(place))
    }

    /// A date as text or as a number.
    pub fn date(place: &'a mut Option<Timestamp>) -> Self {
        Self::lenient(Place::Date(place))
    }

    /// Words separated by spaces, also as a list.
    pub fn words(place: &'a mut Option<String>) -> Self {
        Self::lenient(Place::Words(place))
    }

    /// A list of texts, also a single one.
    pub fn texts(place: &'a mut Vec<String>) -> Self {
        Self::lenient(Place::Texts(place))
    }

    /// An object.
    pub fn record(place: &'a mut dyn Optional) -> Self {
        Self::lenient(Place::Record(place))
    }

    /// Any JSON, for members that have no place of their own.
    pub fn rest(place: &'a mut Map<String, Value>) -> Self {
        Self::lenient(Place::Rest(place))
    }

    /// Nowhere: the member is not known.
    pub fn nothing() -> Self {
        Self::lenient(Place::Nothing)
    }

    /// Refuses a value of another type, and a second one: for what decides about
    /// trust.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    fn is_filled(&self) -> bool {
        match &self.place {
            Place::Text(place) => place.is_filled(),
            Place::Secret(place) => place.is_filled(),
            Place::Flag(place) => place.is_filled(),
            Place::Seconds(place) => place.is_filled(),
            Place::Texts(place) => !place.is_empty(),
            _ => false,
        }
    }
}

/// Reads the members of an object.
struct Members<'a>(&'a mut dyn Record);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Err(no_text(&self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.read(None, map)
    }
}

impl Members<'_> {
    /// `first` is a name that was read already.
    fn read<'de, A: MapAccess<'de>>(
        self,
        first: Option<Name<'de>>,
        mut map: A,
    ) -> Result<(), A::Error> {
        let required = self.0.required();
        let mut missing: Vec<&'static str> = required.to_vec();
        let mut next = match first {
            Some(name) => Some(name),
            None => map.next_key()?,
        };
        while let Some(Name(name)) = next {
            let record = self.0.name();
            let is_first = match required.iter().find(|other| ***other == *name) {
                Some(_) if !missing.contains(&&*name) => false,
                Some(found) => {
                    missing.retain(|other| other != found);
                    true
                }
                None => true,
            };
            let slot = self.0.slot(&name);
            if slot.is_strict && (!is_first || slot.is_filled()) {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            match slot.place {
                Place::Rest(rest) => {
                    rest.insert(name.into_owned(), map.next_value()?);
                }
                Place::Nothing => {
                    map.next_value::<IgnoredAny>()?;
                }
                place => map.next_value_seed(Fill {
                    place,
                    is_strict: slot.is_strict,
                    is_required: required.contains(&&*name),
                    record,
                    member: &name,
                })?,
            }
            next = map.next_key()?;
        }
        match missing.first() {
            Some(name) => Err(A::Error::missing_field(name)),
            None => Ok(()),
        }
    }
}

/// A name without a copy, where the text holds it as it is.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
        }

        deserializer.deserialize_identifier(Text)
    }
}

/// Reads the value of one member into its place.
struct Fill<'a> {
    place: Place<'a>,
    is_strict: bool,
    is_required: bool,
    record: &'static str,
    member: &'a str,
}

impl Fill<'_> {
    fn put<E: Error>(self, value: Scalar<'_>) -> Result<(), E> {
        if self.is_strict && !value.fits(&self.place) {
            return self.leave_out(value.kind());
        }
        let (strict, required, record, member) =
            (self.is_strict, self.is_required, self.record, self.member);
        let left = match self.place {
            Place::Text(place) => value.text().map(|text| place.put(text)),
            Place::Secret(place) => match value {
                Scalar::Text(text) => Some(text),
                _ => None,
            }
            .map(|text| place.put(text.into())),
            Place::Flag(place) => value.flag().map(|flag| place.put(flag)),
            Place::Seconds(place) => value.seconds().map(|seconds| place.put(seconds)),
            Place::Span(place) => {
                let span = value.seconds().and_then(|seconds| seconds.try_into().ok());
                *place = span;
                span.map(|_| ())
            }
            Place::Date(place) => {
                let date = match value {
                    Scalar::Flag(_) => None,
                    value => value.text(),
                };
                *place = date.map(Timestamp::from);
                place.as_ref().map(|_| ())
            }
            Place::Words(place) => {
                *place = value.text();
                place.as_ref().map(|_| ())
            }
            Place::Texts(place) => {
                *place = value.text().into_iter().collect();
                Some(())
            }
            Place::Record(place) => match value {
                Scalar::Text(text) if place.begin().take_text(text) => Some(()),
                _ => {
                    place.clear();
                    None
                }
            },
            Place::Rest(_) | Place::Nothing => Some(()),
        };
        match left {
            Some(()) => Ok(()),
            None if strict || required => Err(E::invalid_value(
                Unexpected::Other(value.kind()),
                &"a value that can be used",
            )),
            None => {
                trace::left_out(record, member, value.kind());
                Ok(())
            }
        }
    }

    fn leave_out<E: Error>(self, kind: &'static str) -> Result<(), E> {
        if self.is_strict {
            return Err(E::invalid_type(Unexpected::Other(kind), &self));
        }
        trace::left_out(self.record, self.member, kind);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Fill<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Fill<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.place {
            Place::Text(_) | Place::Secret(_) | Place::Date(_) | Place::Words(_) => "a text",
            Place::Flag(_) => "a truth value",
            Place::Seconds(_) | Place::Span(_) => "a number of seconds",
            Place::Texts(_) => "a list of texts",
            Place::Record(_) => "an object",
            Place::Rest(_) | Place::Nothing => "any JSON",
        })
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        match self.is_required {
            true => self.leave_out("null"),
            false => Ok(()),
        }
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.put(Scalar::Flag(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.put(Scalar::Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        match i64::try_from(number) {
            Ok(number) => self.put(Scalar::Whole(number)),
            // Only as text it is still the same number.
            Err(_) => match self.place {
                Place::Text(_) | Place::Words(_) | Place::Texts(_) | Place::Date(_)
                    if !self.is_strict =>
                {
                    self.put(Scalar::Text(&number.to_string()))
                }
                _ => self.leave_out("a number"),
            },
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.put(Scalar::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(Scalar::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        /// No list that belongs to a record is as long as this.
        const MOST: usize = 10_000;
        if !matches!(self.place, Place::Texts(_) | Place::Words(_)) {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return self.leave_out("a list");
        }
        let mut texts = Vec::new();
        while texts.len() < MOST
            && let Some(item) = items.next_element()?
        {
            match item {
                Item(Some(text), is_text) if is_text || !self.is_strict => texts.push(text),
                _ if self.is_strict => return self.leave_out("a list of something else"),
                _ => trace::left_out(self.record, self.member, "a part of the list"),
            }
        }
        if items.next_element::<IgnoredAny>()?.is_some() {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return self.leave_out("a list that is too long");
        }
        match self.place {
            Place::Texts(place) => *place = texts,
            Place::Words(place) => *place = Some(texts.join(" ")),
            _ => {}
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let first = map.next_key::<Name<'de>>()?;
        if let Some(number) = wide_number(first.as_ref(), &mut map)? {
            return self.put(Scalar::Number(number));
        }
        if let Place::Record(place) = self.place {
            return match first {
                None => {
                    place.begin();
                    Ok(())
                }
                first => Members(place.begin()).read(first, map),
            };
        }
        if first.is_some() {
            map.next_value::<IgnoredAny>()?;
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.leave_out("an object")
    }
}

/// With its feature `arbitrary_precision`, which any crate of a program can turn
/// on, serde_json hands over the numbers that are no integers in this form.
fn wide_number<'de, A: MapAccess<'de>>(
    first: Option<&Name<'de>>,
    map: &mut A,
) -> Result<Option<f64>, A::Error> {
    match first {
        Some(Name(name)) if name == "$serde_json::private::Number" => {
            let Item(text, _) = map.next_value()?;
            Ok(text.and_then(|text| text.parse().ok()))
        }
        _ => Ok(None),
    }
}

/// An item of a list of texts, and whether it is a text itself.
struct Item(Option<String>, bool);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON")
            }

            fn visit_unit<E>(self) -> Result<Item, E> {
                Ok(Item(None, false))
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Item, E> {
                Ok(Item(Scalar::Flag(flag).text(), false))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Item, E> {
                Ok(Item(Some(number.to_string()), false))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Item, E> {
                Ok(Item(Some(number.to_string()), false))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Item, E> {
                Ok(Item(Scalar::Number(number).text(), false))
            }

            fn visit_str<E>(self, text: &str) -> Result<Item, E> {
                Ok(Item(Some(text.to_owned()), true))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Item, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Item(None, false))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Item(None, false))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests;
