// SPDX-License-Identifier: Apache-2.0
/// @file
/// libsecagg in C++17: owners of handles, spans of bytes, and errors as
/// std::error_code or as exceptions. The header is all there is; it allocates
/// nothing of its own, and links with the C library.
///
/// Every function that can fail has two forms. With a last argument
/// `std::error_code &ec` it sets ec and does not throw; without it, it throws
/// secagg::error, which has the library's sentence about the cause.
///
/// What a function does, and each of its errors, is in the C header that it
/// names; the rules of base.h hold (one thread at a time inside a handle, and
/// messages belong to the handle until its next call).
#ifndef SECAGG_HPP
#define SECAGG_HPP

#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#if __has_include(<version>)
#include <version>
#endif
#ifdef __cpp_lib_span
#include <span>
#endif

#include <secagg.h>

namespace secagg {

// ---- spans --------------------------------------------------------------

#ifdef __cpp_lib_span
template <class T> using span = std::span<T>;
#else
/// The part of std::span that this header needs, for C++17.
template <class T> class span {
public:
    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept
        : data_(data), size_(size) {}
    /// Any container of such elements.
    template <class C, class = std::enable_if_t<std::is_convertible_v<
        decltype(std::declval<C &>().data()), T *>>>
    constexpr span(C &&c) noexcept : data_(c.data()), size_(c.size()) {}
    template <std::size_t N>
    constexpr span(T (&array)[N]) noexcept : data_(array), size_(N) {}
    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t i) const noexcept { return data_[i]; }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};
#endif

using bytes = span<const std::uint8_t>;
using buffer = span<std::uint8_t>;
using seed = std::array<std::uint8_t, SECAGG_SEED_BYTES>;
using public_key = std::array<std::uint8_t, SECAGG_PUBLIC_BYTES>;
using secret_key = std::array<std::uint8_t, SECAGG_SECRETKEY_BYTES>;

// ---- errors -------------------------------------------------------------

/// The errors of the library (secagg/base.h).
enum class errc : int {
    argument = SECAGG_ERR_ARG,
    state = SECAGG_ERR_STATE,
    size = SECAGG_ERR_SIZE,
    value = SECAGG_ERR_VALUE,
    stale = SECAGG_ERR_STALE,
    input_due = SECAGG_ERR_INPUT_DUE,
    repeat = SECAGG_ERR_REPEAT,
    message = SECAGG_ERR_MESSAGE,
    auth = SECAGG_ERR_AUTH,
    policy = SECAGG_ERR_POLICY,
    threshold = SECAGG_ERR_THRESHOLD,
    cheat = SECAGG_ERR_CHEAT,
    memory = SECAGG_ERR_MEMORY,
    random = SECAGG_ERR_RANDOM,
    crypto = SECAGG_ERR_CRYPTO
};

/// The category of these errors.
inline const std::error_category &category() noexcept
{
    struct category_type final : std::error_category {
        const char *name() const noexcept override { return "secagg"; }
        std::string message(int code) const override
        {
            return secagg_strerror(static_cast<secagg_err>(code));
        }
        std::error_condition default_error_condition(
            int code) const noexcept override
        {
            if (code == SECAGG_ERR_MEMORY)
                return std::errc::not_enough_memory;
            if (code == SECAGG_ERR_ARG || code == SECAGG_ERR_SIZE)
                return std::errc::invalid_argument;
            if (code == SECAGG_ERR_VALUE)
                return std::errc::result_out_of_range;
            return std::error_condition(code, *this);
        }
    };
    static const category_type one;
    return one;
}

inline std::error_code make_error_code(errc e) noexcept
{
    return { static_cast<int>(e), category() };
}

/// An error with the library's sentence about its cause.
class error : public std::exception {
public:
    error(secagg_err code, std::string_view sentence) noexcept : code_(code)
    {
        if (sentence.empty())
            sentence = secagg_strerror(code);
        const std::size_t n = sentence.size() < sizeof text_
            ? sentence.size() : sizeof text_ - 1;
        std::memcpy(text_, sentence.data(), n);
        text_[n] = '\0';
    }
    const char *what() const noexcept override { return text_; }
    std::error_code code() const noexcept { return { code_, category() }; }

private:
    int code_;
    char text_[512];
};

namespace detail {

using text = std::array<char, 512>;

inline bool set(std::error_code &ec, secagg_err err) noexcept
{
    ec.assign(static_cast<int>(err), category());
    return err == SECAGG_OK;
}

inline void check(secagg_err err, std::string_view why = {})
{
    if (err != SECAGG_OK)
        throw error(err, why);
}

/// The last refusal of a handle, if it is this error.
inline void check(const secagg_client *c, secagg_err err)
{
    text why;
    if (err != SECAGG_OK && secagg_client_refusal(c, why.data(), why.size())
            != err)
        why[0] = '\0';
    if (err != SECAGG_OK)
        throw error(err, why.data());
}

inline void check(const secagg_server *s, secagg_err err)
{
    text why;
    if (err != SECAGG_OK && secagg_server_refusal(s, nullptr, why.data(),
            why.size()) != err)
        why[0] = '\0';
    if (err != SECAGG_OK)
        throw error(err, why.data());
}

template <class T, void (*Free)(T *)> struct free_with {
    void operator()(T *p) const noexcept { Free(p); }
};
template <class T, void (*Free)(T *)>
using owner = std::unique_ptr<T, free_with<T, Free>>;

/// The type of a value, for arrays (secagg/params.h).
template <class T> constexpr std::uint32_t type_of() noexcept
{
    using U = std::remove_cv_t<T>;
    if constexpr (std::is_same_v<U, float>)
        return SECAGG_F32;
    else if constexpr (std::is_same_v<U, double>)
        return SECAGG_F64;
    else if constexpr (std::is_integral_v<U> && !std::is_same_v<U, bool>)
        return std::is_signed_v<U>
            ? (sizeof(U) == 1 ? SECAGG_I8 : sizeof(U) == 2 ? SECAGG_I16
                : sizeof(U) == 4 ? SECAGG_I32 : SECAGG_I64)
            : (sizeof(U) == 1 ? SECAGG_U8 : sizeof(U) == 2 ? SECAGG_U16
                : sizeof(U) == 4 ? SECAGG_U32 : SECAGG_U64);
    else
        return 0;
}

/// Functions of the host for the C library. No exception passes through C:
/// one in a signature is CRYPTO, one in a decision AUTH.
template <class F> secagg_err sign(void *user, std::uint8_t *signature,
    const std::uint8_t *msg, std::size_t len) noexcept
{
    try {
        return (*static_cast<F *>(user))(
            buffer(signature, SECAGG_SIGNATURE_BYTES), bytes(msg, len))
            ? SECAGG_OK : SECAGG_ERR_CRYPTO;
    } catch (...) {
        return SECAGG_ERR_CRYPTO;
    }
}

template <class F> secagg_err verify(void *user, std::uint32_t index,
    const std::uint8_t *key, const std::uint8_t *credential,
    std::size_t len) noexcept
{
    try {
        return (*static_cast<F *>(user))(index,
            bytes(key, SECAGG_PUBLIC_BYTES), bytes(credential, len))
            ? SECAGG_OK : SECAGG_ERR_AUTH;
    } catch (...) {
        return SECAGG_ERR_AUTH;
    }
}

} // namespace detail

// ---- parameters ---------------------------------------------------------

/// A secagg_policy that starts from its defaults.
struct policy : secagg_policy {
    policy() noexcept { secagg_policy_init(this); }
};

/// Parameters that the caller fills in. They refer to the caller's segments.
struct params : secagg_params {
    params() noexcept { secagg_params_init(this); }
    explicit params(span<const secagg_segment> parts) noexcept : params()
    {
        segments = parts.data();
        segment_count = parts.size();
    }

    /// secagg_params_new_session()
    void new_session() { detail::check(secagg_params_new_session(this)); }
    bool new_session(std::error_code &ec) noexcept
    {
        return detail::set(ec, secagg_params_new_session(this));
    }

    /// secagg_params_choose()
    void choose(double corrupt_fraction, double dropout,
        std::uint32_t security_bits = 40, std::uint32_t failure_bits = 20,
        const secagg_policy *of = nullptr)
    {
        detail::text why;
        const secagg_err err = secagg_params_choose(this, corrupt_fraction,
            dropout, security_bits, failure_bits, of, why.data(), why.size());
        detail::check(err, why.data());
    }
};

/// secagg_params_check()
inline void check(const secagg_params &p)
{
    detail::text why;
    const secagg_err err = secagg_params_check(&p, why.data(), why.size());
    detail::check(err, why.data());
}

/// secagg_policy_check()
inline void check(const secagg_params &p, const secagg_policy &of)
{
    detail::text why;
    const secagg_err err = secagg_policy_check(&p, &of, why.data(),
        why.size());
    detail::check(err, why.data());
}

/// secagg_params_encoded_size()
inline std::size_t encoded_size(const secagg_params &p) noexcept
{
    return secagg_params_encoded_size(&p);
}

/// secagg_params_encode()
inline void encode(const secagg_params &p, buffer out)
{
    detail::check(secagg_params_encode(&p, out.data(), out.size()));
}

using params_owner = detail::owner<secagg_params, secagg_params_free>;

/// secagg_params_decode()
inline params_owner decode(bytes in)
{
    secagg_params *p = nullptr;
    detail::check(secagg_params_decode(&p, in.data(), in.size()));
    return params_owner(p);
}
inline params_owner decode(bytes in, std::error_code &ec) noexcept
{
    secagg_params *p = nullptr;
    detail::set(ec, secagg_params_decode(&p, in.data(), in.size()));
    return params_owner(p);
}

// ---- client -------------------------------------------------------------

/// The client of a session (secagg/client.h). It is movable, not copyable.
class client {
public:
    client(const secagg_params &p, std::uint32_t index,
        const secagg_policy *of = nullptr)
    {
        secagg_client *c = nullptr;
        const secagg_err err = secagg_client_new(&c, &p, index, of);
        if (err == SECAGG_ERR_ARG)
            secagg::check(p); // says which rule
        if (err == SECAGG_ERR_POLICY && of != nullptr)
            secagg::check(p, *of);
        detail::check(err);
        handle_.reset(c);
    }
    client(const secagg_params &p, std::uint32_t index, const seed &from,
        const secagg_policy *of = nullptr)
    {
        secagg_client *c = nullptr;
        detail::check(secagg_client_new_seeded(&c, &p, index, of,
            from.data()));
        handle_.reset(c);
    }

    /// secagg_client_resume(): store generation() + 1 as `least` before any
    /// other call.
    static client resume(bytes state, const seed &key, std::uint64_t least,
        const secagg_params *p = nullptr, std::int64_t index = -1)
    {
        secagg_client *c = nullptr;
        detail::check(secagg_client_resume(&c, state.data(), state.size(),
            key.data(), least, p, index));
        return client(c);
    }

    /// secagg_client_weight()
    void weight(std::uint64_t w) { run(secagg_client_weight(get(), w)); }
    bool weight(std::uint64_t w, std::error_code &ec) noexcept
    {
        return detail::set(ec, secagg_client_weight(get(), w));
    }

    /// secagg_client_set_part_size()
    void part_size(std::uint64_t entries)
    {
        run(secagg_client_set_part_size(get(), entries));
    }

    /// Supply a piece: secagg_client_input_strided() with the type of the
    /// values, float, double or an integer.
    template <class T> void input(span<const T> values,
        std::size_t segment = 0, std::uint64_t offset = 0)
    {
        run(input_of(values, segment, offset));
    }
    template <class T> bool input(span<const T> values, std::size_t segment,
        std::uint64_t offset, std::error_code &ec) noexcept
    {
        return detail::set(ec, input_of(values, segment, offset));
    }
    /// The same of any container: std::vector, std::array.
    template <class C, class T = std::remove_pointer_t<
        decltype(std::declval<const C &>().data())>>
    void input(const C &values, std::size_t segment = 0,
        std::uint64_t offset = 0)
    {
        run(input_of(span<const std::remove_const_t<T>>(values.data(),
            values.size()), segment, offset));
    }

    /// secagg_client_recv()
    void recv(bytes msg)
    {
        run(secagg_client_recv(get(), msg.data(), msg.size()));
    }
    bool recv(bytes msg, std::error_code &ec) noexcept
    {
        return detail::set(ec, secagg_client_recv(get(), msg.data(),
            msg.size()));
    }

    /// secagg_client_send(): the message belongs to the client until its next
    /// call; it is empty if the client waits for the server.
    bytes send()
    {
        const std::uint8_t *msg = nullptr;
        std::size_t len = 0;
        run(secagg_client_send(get(), &msg, &len));
        return bytes(msg, len);
    }
    bytes send(std::error_code &ec) noexcept
    {
        const std::uint8_t *msg = nullptr;
        std::size_t len = 0;
        detail::set(ec, secagg_client_send(get(), &msg, &len));
        return bytes(msg, len);
    }

    /// secagg_client_save()
    std::size_t save_size() const noexcept
    {
        return secagg_client_save_size(get());
    }
    void save(buffer state, const seed &key)
    {
        run(secagg_client_save(get(), state.data(), state.size(),
            key.data()));
    }
    std::uint64_t generation() const noexcept
    {
        return secagg_client_generation(get());
    }

    /// secagg_client_identify(), secagg_client_present()
    void identify(const secret_key &key)
    {
        run(secagg_client_identify(get(), key.data()));
    }
    void present(bytes credential)
    {
        run(secagg_client_present(get(), credential.data(),
            credential.size()));
    }
    /// secagg_client_identify_with(): `f(buffer signature, bytes message)`
    /// returns whether it signed; it must outlive the client.
    template <class F> void identify_with(const public_key &key, F &f)
    {
        run(secagg_client_identify_with(get(), key.data(), detail::sign<F>,
            &f));
    }
    /// secagg_client_trust() and its kin. `f(index, key, credential)` returns
    /// whether to trust; it must outlive the client.
    void trust(std::uint32_t index, const public_key &key)
    {
        run(secagg_client_trust(get(), index, key.data()));
    }
    void trust_whole() { run(secagg_client_trust_whole(get())); }
    template <class F> void trust_with(F &f)
    {
        run(secagg_client_trust_with(get(), detail::verify<F>, &f));
    }

    secagg_phase phase() const noexcept { return secagg_client_phase(get()); }
    bool done() const noexcept { return phase() >= SECAGG_PHASE_DONE; }
    secagg_spent spent() const noexcept { return secagg_client_spent(get()); }
    std::uint32_t index() const noexcept { return secagg_client_index(get()); }
    const secagg_params &params() const noexcept
    {
        return *secagg_client_params(get());
    }
    std::uint64_t clipped(std::size_t segment = 0) const noexcept
    {
        return secagg_client_clipped(get(), segment);
    }
    /// The handle, for functions of the C library.
    secagg_client *get() const noexcept { return handle_.get(); }

private:
    explicit client(secagg_client *c) noexcept : handle_(c) {}
    void run(secagg_err err) const { detail::check(get(), err); }
    template <class T> secagg_err input_of(span<const T> v, std::size_t s,
        std::uint64_t offset) noexcept
    {
        static_assert(detail::type_of<T>() != 0, "no type of the library");
        return secagg_client_input_strided(get(), s, offset, v.data(),
            detail::type_of<T>(), v.size(), sizeof(T));
    }

    detail::owner<secagg_client, secagg_client_free> handle_;
};

// ---- server -------------------------------------------------------------

/// The server of a session (secagg/server.h). It is movable, not copyable.
class server {
public:
    explicit server(const secagg_params &p)
    {
        secagg_server *s = nullptr;
        const secagg_err err = secagg_server_new(&s, &p);
        if (err == SECAGG_ERR_ARG)
            secagg::check(p); // says which rule
        detail::check(err);
        handle_.reset(s);
    }
    server(const secagg_params &p, const seed &from)
    {
        secagg_server *s = nullptr;
        detail::check(secagg_server_new_seeded(&s, &p, from.data()));
        handle_.reset(s);
    }
    /// secagg_server_resume()
    static server resume(bytes state, const seed &key, std::uint64_t least,
        const secagg_params *p = nullptr)
    {
        secagg_server *s = nullptr;
        detail::check(secagg_server_resume(&s, state.data(), state.size(),
            key.data(), least, p));
        return server(s);
    }

    /// secagg_server_recv(): a bad message costs its sender only. The form
    /// with an error_code suits a loop; `refusal()` has the sentence.
    void recv(std::uint32_t from, bytes msg)
    {
        run(secagg_server_recv(get(), from, msg.data(), msg.size()));
    }
    bool recv(std::uint32_t from, bytes msg, std::error_code &ec) noexcept
    {
        return detail::set(ec, secagg_server_recv(get(), from, msg.data(),
            msg.size()));
    }

    /// secagg_server_advance()
    void advance() { run(secagg_server_advance(get())); }
    bool advance(std::error_code &ec) noexcept
    {
        return detail::set(ec, secagg_server_advance(get()));
    }

    /// secagg_server_send(): the message belongs to the server until its next
    /// call; it is empty if there is none for this client.
    bytes send(std::uint32_t to)
    {
        const std::uint8_t *msg = nullptr;
        std::size_t len = 0;
        run(secagg_server_send(get(), to, &msg, &len));
        return bytes(msg, len);
    }

    /// secagg_server_sum_strided() and secagg_server_mean_strided(), with the
    /// type of the results: float, double, int64_t or uint64_t.
    template <class T> void sum(span<T> out, std::size_t segment = 0,
        std::uint64_t offset = 0) const
    {
        run(secagg_server_sum_strided(get(), segment, offset, out.data(),
            detail::type_of<T>(), out.size(), sizeof(T)));
    }
    template <class T> void mean(span<T> out, std::size_t segment = 0,
        std::uint64_t offset = 0) const
    {
        run(secagg_server_mean_strided(get(), segment, offset, out.data(),
            detail::type_of<T>(), out.size(), sizeof(T)));
    }

    /// secagg_server_save()
    std::size_t save_size() const noexcept
    {
        return secagg_server_save_size(get());
    }
    void save(buffer state, const seed &key)
    {
        run(secagg_server_save(get(), state.data(), state.size(),
            key.data()));
    }
    std::uint64_t generation() const noexcept
    {
        return secagg_server_generation(get());
    }

    void trust(std::uint32_t index, const public_key &key)
    {
        run(secagg_server_trust(get(), index, key.data()));
    }
    void trust_whole() { run(secagg_server_trust_whole(get())); }
    template <class F> void trust_with(F &f)
    {
        run(secagg_server_trust_with(get(), detail::verify<F>, &f));
    }

    /// secagg_server_blamed(), _disputed(), _lost(), each for one visitor:
    /// `f(index, error)`, `f(dealer, holder)`, `f(index, phase, error)`.
    template <class F> void for_each_blamed(F &&f) const
    {
        std::uint32_t index;
        secagg_err what;
        for (std::size_t i = 0; secagg_server_blamed(get(), i, &index, &what)
                 == SECAGG_OK; i++)
            f(index, static_cast<errc>(what));
    }
    template <class F> void for_each_dispute(F &&f) const
    {
        std::uint32_t dealer, holder;
        for (std::size_t i = 0; secagg_server_disputed(get(), i, &dealer,
                 &holder) == SECAGG_OK; i++)
            f(dealer, holder);
    }
    template <class F> void for_each_lost(F &&f) const
    {
        secagg_phase phase;
        secagg_err why;
        for (std::uint32_t i = 0; i < params().clients; i++)
            if (secagg_server_lost(get(), i, &phase, &why) == SECAGG_OK)
                f(i, phase, std::error_code(why, category()));
    }

    bool includes(std::uint32_t index) const noexcept
    {
        return secagg_server_includes(get(), index);
    }
    bool answered(std::uint32_t index) const noexcept
    {
        return secagg_server_answered(get(), index);
    }
    secagg_phase phase() const noexcept { return secagg_server_phase(get()); }
    bool done() const noexcept { return phase() >= SECAGG_PHASE_DONE; }
    std::uint32_t pending() const noexcept
    {
        return secagg_server_pending(get());
    }
    std::uint32_t survivors() const noexcept
    {
        return secagg_server_survivors(get());
    }
    std::uint64_t weight() const noexcept
    {
        return secagg_server_weight(get());
    }
    const secagg_params &params() const noexcept
    {
        return *secagg_server_params(get());
    }
    /// The last refusal, as an exception that is not thrown.
    error refusal() const noexcept
    {
        detail::text why;
        const secagg_err err = secagg_server_refusal(get(), nullptr,
            why.data(), why.size());
        return error(err, why.data());
    }
    /// The handle, for functions of the C library.
    secagg_server *get() const noexcept { return handle_.get(); }

private:
    explicit server(secagg_server *s) noexcept : handle_(s) {}
    void run(secagg_err err) const { detail::check(get(), err); }

    detail::owner<secagg_server, secagg_server_free> handle_;
};

} // namespace secagg

template <> struct std::is_error_code_enum<secagg::errc> : std::true_type {};

#endif
