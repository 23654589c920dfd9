// SPDX-License-Identifier: Apache-2.0
// The C++ header: sessions against plain sums, both forms of errors, resumed
// parties, functions of the host, and no allocation of the header's own.
#include <secagg.hpp>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <numeric>
#include <vector>

#ifndef SUITE
#define SUITE 0 // the default; a build with libsodium alone has suite 2
#endif

namespace {

std::size_t allocations;
int failures;

void expect(bool good, const char *what, int line)
{
    if (good)
        return;
    failures++;
    std::fprintf(stderr, "line %d: %s\n", line, what);
}
#define EXPECT(x) expect((x), #x, __LINE__)

template <class F> secagg::errc error_of(F &&f)
{
    try {
        f();
    } catch (const secagg::error &e) {
        EXPECT(e.what()[0] != '\0');
        EXPECT(&e.code().category() == &secagg::category());
        return static_cast<secagg::errc>(e.code().value());
    }
    return static_cast<secagg::errc>(0);
}

using message = std::vector<std::uint8_t>;

message copy(secagg::bytes b)
{
    return message(b.begin(), b.end());
}

secagg_segment integers(std::uint64_t length)
{
    secagg_segment s = {};
    s.length = length;
    s.kind = SECAGG_UNSIGNED;
    s.value_bits = 20;
    return s;
}

secagg::params parameters(const secagg_segment *s, std::uint32_t clients)
{
    secagg::params p(secagg::span<const secagg_segment>(s, 1));
    p.clients = clients;
    p.suite = SUITE;
    p.choose(0.2, 0.3);
    p.new_session();
    return p;
}

// Runs a session in which one client falls silent at a phase. With `saved`,
// every party is saved and resumed in each phase.
struct run {
    std::vector<secagg::client> clients;
    secagg::server server;

    run(const secagg::params &p, int silent, bool saved) : server(p)
    {
        for (std::uint32_t i = 0; i < p.clients; i++)
            clients.emplace_back(p, i);
        while (!server.done()) {
            for (std::uint32_t i = 0; i < p.clients; i++)
                if (i != 1 || server.phase() < silent)
                    answer(i);
            server.advance();
            if (saved)
                resume();
            deliver(p.clients, saved);
        }
    }
    void answer(std::uint32_t i)
    {
        if (clients[i].done())
            return;
        if (clients[i].phase() == SECAGG_PHASE_INPUT
            && clients[i].spent() == SECAGG_SPENT_NOTHING)
            clients[i].input(std::vector<std::uint32_t>{ i, 2 * i, 7 });
        while (!(last = take(clients[i])).empty())
            server.recv(i, last);
    }
    // A client that was ever saved waits with each message for another save.
    message take(secagg::client &c)
    {
        std::error_code ec;
        message out = copy(c.send(ec));
        if (ec == secagg::errc::state && c.generation() > 0) {
            message state(c.save_size());
            c.save(state, key);
            out = copy(c.send());
        }
        return out;
    }
    void deliver(std::uint32_t n, bool saved)
    {
        for (std::uint32_t i = 0; i < n; i++) {
            std::error_code ec;
            const secagg::bytes m = server.send(i);
            if (!m.empty() && !clients[i].recv(m, ec))
                EXPECT(i == 1 && ec == secagg::errc::state);
            if (saved && i == 0 && !clients[0].done())
                resume_client();
        }
    }
    void resume()
    {
        message state(server.save_size());
        server.save(state, key);
        server = secagg::server::resume(state, key, server.generation());
    }
    void resume_client()
    {
        // In INPUT nothing is built yet, and no message waits.
        if (clients[0].phase() != SECAGG_PHASE_INPUT)
            return;
        message state(clients[0].save_size());
        clients[0].save(state, key);
        secagg::client c = secagg::client::resume(state, key,
            clients[0].generation());
        EXPECT(c.index() == 0 && c.params().clients == clients.size());
        clients[0] = std::move(c);
        clients[0].input(std::vector<std::uint32_t>{ 0, 0, 7 });
        std::error_code ec;
        EXPECT(clients[0].send(ec).empty() && ec == secagg::errc::state);
        server.recv(0, take(clients[0]));
    }
    secagg::seed key = { 7 };
    message last;
};

void sessions()
{
    const secagg_segment s = integers(3);
    for (int silent = SECAGG_PHASE_KEYS; silent <= SECAGG_PHASE_DONE; silent++)
        for (bool saved : { false, true }) {
            if (silent == SECAGG_PHASE_CONFIRM)
                continue;
            const secagg::params p = parameters(&s, 5);
            run r(p, silent, saved);
            std::uint64_t all = 0, alive = 0, out[3] = {};
            for (std::uint32_t i = 0; i < 5; i++)
                if (i != 1 || silent > SECAGG_PHASE_INPUT) {
                    all += i;
                    alive++;
                }
            r.server.sum(secagg::span<std::uint64_t>(out, 3));
            EXPECT(out[0] == all && out[1] == 2 * all && out[2] == 7 * alive);
            EXPECT(r.server.survivors() == alive);
            int lost = 0;
            r.server.for_each_lost([&](std::uint32_t i, secagg_phase phase,
                                       std::error_code ec) {
                EXPECT(i == 1 && phase == silent && !ec);
                lost++;
            });
            EXPECT(lost == (silent < SECAGG_PHASE_DONE));
        }
}

void errors()
{
    const secagg_segment s = integers(3);
    secagg::params p = parameters(&s, 5);
    EXPECT(error_of([&] { secagg::client c(p, 5); })
        == secagg::errc::argument);
    secagg::policy strict;
    strict.min_clients = 50;
    EXPECT(error_of([&] { secagg::client c(p, 0, &strict); })
        == secagg::errc::policy);
    EXPECT(error_of([&] { secagg::check(p, strict); })
        == secagg::errc::policy);
    secagg::client c(p, 0);
    EXPECT(error_of([&] { c.input(std::array<std::uint32_t, 4>{}); })
        == secagg::errc::size);
    EXPECT(error_of([&] { c.input(std::array<std::int64_t, 3>{ -1 }); })
        == secagg::errc::value);
    EXPECT(error_of([&] { c.input(std::array<float, 3>{}); })
        == secagg::errc::argument);
    std::error_code ec;
    secagg::server server(p);
    const std::uint8_t garbage[60] = {};
    EXPECT(!server.recv(0, garbage, ec) && ec == secagg::errc::message);
    EXPECT(server.refusal().code() == ec);
    EXPECT(error_of([&] { server.recv(9, garbage); })
        == secagg::errc::argument);
    EXPECT(make_error_code(secagg::errc::memory)
        == std::errc::not_enough_memory);
    EXPECT(!secagg::decode(garbage, ec) && ec == secagg::errc::message);
    message encoded(secagg::encoded_size(p));
    secagg::encode(p, encoded);
    const secagg::params_owner again = secagg::decode(encoded);
    EXPECT(again->clients == 5 && again->segments[0].length == 3);
}

// Active mode; one signing function throws, and must not end the process.
void callbacks()
{
    const secagg_segment s = integers(3);
    secagg::params p(secagg::span<const secagg_segment>(&s, 1));
    p.clients = 4;
    p.suite = SUITE;
    p.mode = SECAGG_ACTIVE;
    p.choose(0.25, 0.2);
    p.app_digest[0] = 1;
    p.new_session();
    auto trusts = [](std::uint32_t, secagg::bytes key, secagg::bytes) {
        return key.size() == SECAGG_PUBLIC_BYTES;
    };
    auto doubts = [](std::uint32_t, secagg::bytes, secagg::bytes) -> bool {
        throw 1;
    };
    auto throws = [](secagg::buffer, secagg::bytes) -> bool { throw 1; };
    secagg::public_key pk;
    secagg::secret_key sk;
    EXPECT(secagg_keypair(pk.data(), sk.data()) == SECAGG_OK);
    secagg::client bad(p, 0);
    bad.identify_with(pk, throws);
    EXPECT(error_of([&] { bad.send(); }) == secagg::errc::crypto);
    secagg::client good(p, 1);
    good.identify(sk);
    good.trust_with(trusts);
    const message keys = copy(good.send());
    secagg::server first(p), second(p);
    first.trust_with(trusts);
    first.recv(1, keys);
    second.trust_with(doubts);
    EXPECT(error_of([&] { second.recv(1, keys); }) == secagg::errc::auth);
}

void no_allocations()
{
    const secagg_segment s = integers(3);
    const secagg::params p = parameters(&s, 5);
    const std::uint32_t values[3] = { 1, 2, 3 };
    const std::size_t before = allocations;
    secagg::client c(p, 0);
    c.input(secagg::span<const std::uint32_t>(values, 3));
    EXPECT(!c.send().empty());
    std::error_code ec;
    EXPECT(!c.recv(secagg::bytes(), ec));
    EXPECT(allocations == before);
}

} // namespace

void *operator new(std::size_t size)
{
    allocations++;
    if (void *p = std::malloc(size != 0 ? size : 1))
        return p;
    throw std::bad_alloc();
}
void operator delete(void *p) noexcept { std::free(p); }
void operator delete(void *p, std::size_t) noexcept { std::free(p); }

int main()
{
    sessions();
    errors();
    callbacks();
    no_allocations();
    if (failures == 0)
        std::puts("the C++ header works");
    return failures != 0;
}
