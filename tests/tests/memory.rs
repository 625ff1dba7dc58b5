//! How far the heap grows. One test, since the allocator counts for the whole
//! process.

use authing_tests::clients::Backend;
use authing_tests::crowd::peak_of_streaming;
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

#[tokio::test]
async fn a_list_of_any_length_is_read_in_the_room_of_a_page() {
    for backend in [Backend::Reqwest, Backend::Hyper] {
        // What is made once, such as the table of a pool, is made here.
        peak_of_streaming(backend, 100, &HEAP).await.unwrap();
        let short = peak_of_streaming(backend, 500, &HEAP).await.unwrap();
        let long = peak_of_streaming(backend, 10_000, &HEAP).await.unwrap();
        assert!(short > 50_000, "{short} bytes are too few for a page");
        assert!(
            long < short + short / 2,
            "{backend:?}: {short} bytes for 500 users, {long} for 10,000"
        );
    }
}
