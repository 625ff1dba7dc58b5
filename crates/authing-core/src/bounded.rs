//! Reads a value of any type, with a bound on the memory that its lists take.
//!
//! An item can take a hundred times as much memory as text: a user without
//! fields is two bytes of text. So the memory of all lists is counted against
//! the size of the body, and a list that takes too much is an error. Besides:
//!
//! - `null` in the place of a list is an empty list.
//! - An array is not read as a struct: its items have no names.
//! - The error for a text in the wrong place does not hold the text, which may
//!   be a secret, and as long as the whole body.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::value::RawValue;

/// What the lists of an answer may take however short it is: a page of fifteen
/// hundred users.
const FLOOR: usize = 4 << 20;

/// What the lists of a longer answer may take, in its own size. Its texts take
/// at most this size once more.
const FACTOR: usize = 2;

/// The memory that the lists of one answer may take.
pub(crate) struct Room {
    most: usize,
    used: Cell<usize>,
    is_full: Cell<bool>,
}

impl Room {
    /// The memory for the lists of a body of this many bytes.
    pub(crate) fn of_body(bytes: usize) -> Self {
        Self {
            most: bytes.saturating_mul(FACTOR).max(FLOOR),
            used: Cell::new(0),
            is_full: Cell::new(false),
        }
    }

    /// Whether a list took too much.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full.get()
    }

    /// A block grows. The old one is there until the new one is filled.
    fn grow<E: Error>(&self, from: usize, to: usize) -> Result<(), E> {
        let used = self.used.get();
        if used.saturating_add(to) > self.most {
            self.is_full.set(true);
            return Err(E::custom("the list is too long for the size of the answer"));
        }
        self.used.set(used + (to - from));
        Ok(())
    }
}

/// Reads a value within this memory.
pub(crate) struct Within<'r, T> {
    room: &'r Room,
    value: PhantomData<T>,
}

impl<T> Clone for Within<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Within<'_, T> {}

impl<'r, T> Within<'r, T> {
    pub(crate) fn new(room: &'r Room) -> Self {
        Self {
            room,
            value: PhantomData,
        }
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Within<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<T, D::Error> {
        T::deserialize(Bounded {
            inner,
            room: self.room,
        })
    }
}

/// Reads a whole text within this memory.
pub(crate) fn read<'de, T: Deserialize<'de>>(
    text: &'de str,
    room: &Room,
) -> Result<T, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Within::new(room).deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// The error for a text in the place of something else, without the text.
pub(crate) fn no_text<E: Error>(expected: &dyn serde::de::Expected) -> E {
    E::invalid_type(Unexpected::Other("string"), expected)
}

/// What stands for absence. It is read by the same code as an answer, so that
/// each type is compiled once.
pub(crate) fn nothing<T: for<'de> Deserialize<'de>>() -> Option<T> {
    read("null", &Room::of_body(0)).ok()
}

struct Bounded<'r, D> {
    inner: D,
    room: &'r Room,
}

impl<'r, D> Bounded<'r, D> {
    fn guard<V>(&self, visitor: V, form: Form) -> Guard<'r, V> {
        Guard {
            visitor,
            form,
            room: self.room,
        }
    }
}

/// What a type asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// No text, and nothing that can be long.
    Scalar,
    List,
    LongList,
    Tuple,
    Map,
    Struct,
    /// What it is must be seen.
    Open,
}

/// Hands the parts of a value on to a visitor.
struct Guard<'r, V> {
    visitor: V,
    form: Form,
    room: &'r Room,
}

impl<V> Guard<'_, V> {
    fn takes_text(&self) -> bool {
        self.form == Form::Open
    }
}

macro_rules! without_text {
    ($($method:ident => $form:ident,)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            let guard = self.guard(visitor, Form::$form);
            self.inner.deserialize_any(guard)
        })+
    };
}

macro_rules! as_it_is {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(visitor)
        })+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    // Any JSON is not counted: who asks for it knows no shape, and so no bound.
    as_it_is! {
        deserialize_any deserialize_i128 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes
        deserialize_byte_buf deserialize_identifier deserialize_ignored_any
    }

    without_text! {
        deserialize_bool => Scalar,
        deserialize_i8 => Scalar,
        deserialize_i16 => Scalar,
        deserialize_i32 => Scalar,
        deserialize_i64 => Scalar,
        deserialize_u8 => Scalar,
        deserialize_u16 => Scalar,
        deserialize_u32 => Scalar,
        deserialize_u64 => Scalar,
        deserialize_unit => Scalar,
        deserialize_seq => List,
        deserialize_map => Map,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let guard = self.guard(visitor, Form::Open);
        self.inner.deserialize_option(guard)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        if name == LONG_LIST {
            let guard = self.guard(visitor, Form::LongList);
            return self.inner.deserialize_any(guard);
        }
        let guard = self.guard(visitor, Form::Open);
        self.inner.deserialize_newtype_struct(name, guard)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let guard = self.guard(visitor, Form::Tuple);
        self.inner.deserialize_any(guard)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let guard = self.guard(visitor, Form::Struct);
        self.inner.deserialize_any(guard)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_enum(name, variants, visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! hand_on {
    ($($method:ident: $type:ty),+ $(,)?) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Guard<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    hand_on! {
        visit_bool: bool,
        visit_i64: i64,
        visit_u64: u64,
        visit_i128: i128,
        visit_u128: u128,
        visit_f64: f64,
        visit_char: char,
        visit_bytes: &[u8],
        visit_byte_buf: Vec<u8>,
        visit_borrowed_bytes: &'de [u8],
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        match self.takes_text() {
            true => self.visitor.visit_str(text),
            false => Err(no_text(&self)),
        }
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<V::Value, E> {
        match self.takes_text() {
            true => self.visitor.visit_borrowed_str(text),
            false => Err(no_text(&self)),
        }
    }

    fn visit_string<E: Error>(self, text: String) -> Result<V::Value, E> {
        match self.takes_text() {
            true => self.visitor.visit_string(text),
            false => Err(no_text(&self)),
        }
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        match self.form {
            Form::List | Form::LongList => self.visitor.visit_seq(Empty(PhantomData)),
            _ => self.visitor.visit_unit(),
        }
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Bounded {
            inner,
            room: self.room,
        })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Bounded {
            inner,
            room: self.room,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        match self.form {
            Form::Struct => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
            form => self.visitor.visit_seq(Items {
                access,
                room: self.room,
                form,
                count: 0,
                capacity: 0,
            }),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Entries {
            access,
            room: self.room,
            grows: self.form == Form::Map,
            key: 0,
        })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(access)
    }
}

/// The items of a list, counted as [`Vec`] grows, or as [`long_list`] lets it.
struct Items<'r, A> {
    access: A,
    room: &'r Room,
    form: Form,
    count: usize,
    capacity: usize,
}

impl<A> Items<'_, A> {
    fn count<E: Error>(&mut self, size: usize) -> Result<(), E> {
        if self.form == Form::Tuple || size == 0 {
            return Ok(());
        }
        if self.count == self.capacity {
            let capacity = match self.form {
                Form::LongList => next_capacity(self.capacity, size),
                _ => doubled(self.capacity, size),
            };
            let bytes = |items: usize| items.saturating_mul(size);
            self.room.grow(bytes(self.capacity), bytes(capacity))?;
            self.capacity = capacity;
        }
        self.count += 1;
        Ok(())
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let room = self.room;
        let item = self.access.next_element_seed(Seed { seed, room })?;
        if item.is_some() {
            self.count(size_of::<S::Value>())?;
        }
        Ok(item)
    }
}

/// The entries of a map, or the fields of a struct, whose memory is that of the
/// struct.
struct Entries<'r, A> {
    access: A,
    room: &'r Room,
    grows: bool,
    key: usize,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.key = size_of::<S::Value>();
        self.access.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        if self.grows {
            // A map has up to twice the room that its entries fill.
            self.room
                .grow::<A::Error>(0, 2 * (self.key + size_of::<S::Value>()))?;
        }
        let room = self.room;
        self.access.next_value_seed(Seed { seed, room })
    }

    fn size_hint(&self) -> Option<usize> {
        self.access.size_hint()
    }
}

/// How a [`Vec`] grows.
fn doubled(capacity: usize, size: usize) -> usize {
    let least = match size {
        1 => 8,
        2..=1024 => 4,
        _ => 1,
    };
    capacity.saturating_mul(2).max(least)
}

/// How a list grows that can be most of an answer: once it is large, by an
/// eighth, so that a list that is as large as its text has its place.
fn next_capacity(capacity: usize, size: usize) -> usize {
    const LARGE: usize = 1 << 20;
    match capacity.saturating_mul(size) < LARGE {
        true => doubled(capacity, size),
        false => capacity.saturating_add(capacity / 8 + 1),
    }
}

/// Reads what an answer need not say, for `deserialize_with`: what does not fit
/// is absent.
#[doc(hidden)]
pub fn if_readable<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let text = <&RawValue>::deserialize(deserializer)?.get();
    match text {
        "null" => Ok(None),
        text => Ok(read(text, &Room::of_body(text.len())).ok()),
    }
}

/// The name by which [`Bounded`] knows [`long_list`].
const LONG_LIST: &str = "authing::long list";

/// Reads the list that is most of an answer, for `deserialize_with`. `null` is
/// an empty one.
pub(crate) fn long_list<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct LongList<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for LongList<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(
            self,
            inner: D,
        ) -> Result<Self::Value, D::Error> {
            // Another deserializer, which knows nothing of the name.
            inner.deserialize_any(self)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element()? {
                if list.len() == list.capacity() {
                    let more = next_capacity(list.len(), size_of::<T>()) - list.len();
                    list.reserve_exact(more);
                }
                list.push(item);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_newtype_struct(LONG_LIST, LongList(PhantomData))
}

/// A list without items.
struct Empty<E>(PhantomData<E>);

impl<'de, E: Error> SeqAccess<'de> for Empty<E> {
    type Error = E;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, E> {
        Ok(None)
    }
}

/// A seed that is given the bound along.
struct Seed<'r, S> {
    seed: S,
    room: &'r Room,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Bounded {
            inner,
            room: self.room,
        })
    }
}

#[cfg(test)]
mod tests;
