/* SPDX-License-Identifier: Apache-2.0 */
/* certs: certificates for the minimal example, of a CA that nobody should
 * trust for anything else.
 *
 *     certs DIR CLIENTS
 *
 * writes ca.pem, and NAME.pem and NAME.key for the server and each client.
 * The keys are not encrypted, and the CA's own key is forgotten. */
#define _POSIX_C_SOURCE 200809L

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "minimal/tls.h"

#define ONE_DAY (24 * 60 * 60)
#define VERSION_3 2 /* as it is encoded */

typedef struct party {
    EVP_PKEY *key;
    X509 *certificate;
} party;

/* An extension, in OpenSSL's text form. */
static bool extend(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    bool ok = e != NULL && X509_add_ext(certificate, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

/* Set the uses of the key and the name that the peer compares. */
static bool describe(X509 *certificate, const char *name, const char *usage)
{
    char alternative[80];
    if (usage == NULL)
        return extend(certificate, NID_basic_constraints, "critical,CA:TRUE")
            && extend(certificate, NID_key_usage, "critical,keyCertSign");
    snprintf(alternative, sizeof alternative, "DNS:%s", name);
    return extend(certificate, NID_basic_constraints, "critical,CA:FALSE")
        && extend(certificate, NID_key_usage, "critical,digitalSignature")
        && extend(certificate, NID_ext_key_usage, usage)
        && extend(certificate, NID_subject_alt_name, alternative);
}

/* Make a key and let the issuer sign its certificate; an issuer that has none
 * yet is the party itself. */
static bool issue(party *p, const party *issuer, long serial, const char *name,
    const char *usage)
{
    p->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    p->certificate = X509_new();
    X509 *c = p->certificate;
    if (p->key == NULL || c == NULL)
        return false;
    X509_NAME *subject = X509_get_subject_name(c);
    return X509_set_version(c, VERSION_3)
        && ASN1_INTEGER_set(X509_get_serialNumber(c), serial)
        && X509_gmtime_adj(X509_getm_notBefore(c), -60) != NULL
        && X509_gmtime_adj(X509_getm_notAfter(c), ONE_DAY) != NULL
        && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
            (const unsigned char *)name, -1, -1, 0)
        && X509_set_issuer_name(c, X509_get_subject_name(issuer->certificate))
        && X509_set_pubkey(c, p->key) && describe(c, name, usage)
        && X509_sign(c, issuer->key, EVP_sha256()) > 0;
}

static bool store(const party *p, const char *dir, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s.pem", dir, name);
    FILE *f = fopen(path, "w");
    bool ok = f != NULL && PEM_write_X509(f, p->certificate);
    ok = f != NULL && fclose(f) == 0 && ok;
    snprintf(path, sizeof path, "%s/%s.key", dir, name);
    f = ok ? fopen(path, "w") : NULL;
    ok = f != NULL
        && PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL);
    return f != NULL && fclose(f) == 0 && ok;
}

static void release(party *p)
{
    X509_free(p->certificate);
    EVP_PKEY_free(p->key);
}

static bool make(const party *ca, long serial, const char *dir,
    const char *file, const char *name, const char *usage)
{
    party p = { NULL, NULL };
    bool ok = issue(&p, ca, serial, name, usage) && store(&p, dir, file);
    release(&p);
    return ok;
}

static bool make_all(const party *ca, const char *dir, unsigned clients)
{
    char path[256], file[32], name[64];
    snprintf(path, sizeof path, "%s/ca.pem", dir);
    FILE *f = fopen(path, "w");
    bool ok = f != NULL && PEM_write_X509(f, ca->certificate);
    ok = f != NULL && fclose(f) == 0 && ok
        && make(ca, 2, dir, "server", TLS_SERVER_NAME, "serverAuth");
    for (unsigned i = 0; ok && i < clients; i++) {
        snprintf(file, sizeof file, "client-%u", i);
        snprintf(name, sizeof name, TLS_CLIENT_NAME, i);
        ok = make(ca, 3 + (long)i, dir, file, name, "clientAuth");
    }
    return ok;
}

int main(int argc, char **argv)
{
    party ca = { NULL, NULL };
    if (argc != 3) {
        fprintf(stderr, "usage: certs DIR CLIENTS\n");
        return 2;
    }
    umask(077);
    bool ok = issue(&ca, &ca, 1, "throw-away CA", NULL)
        && make_all(&ca, argv[1], (unsigned)strtoul(argv[2], NULL, 10));
    if (!ok) {
        perror("certs");
        ERR_print_errors_fp(stderr);
    }
    release(&ca);
    return ok ? 0 : 1;
}
