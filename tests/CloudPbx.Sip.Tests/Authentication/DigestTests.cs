using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Sip.Tests.Authentication;

public class DigestTests
{
    private const string Realm = "sip.test";
    private readonly FakeTimeProvider _time = new();
    private readonly Random _random = new(42);

    [Theory]
    [InlineData("\\\"")]
    [InlineData("auth,auth-int")]
    [InlineData("")]
    public void Credentials_with_an_odd_token_are_read_again_when_written(string qop)
    {
        string text = $"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"sip:r\", response=\"0\", qop=\"{qop}\", nc=0000000a, cnonce=\"c\"";
        Assert.True(DigestCredentials.TryParse(text, out DigestCredentials? credentials));
        Assert.True(DigestCredentials.TryParse(credentials.ToString(), out DigestCredentials? again));
        Assert.Equal(credentials.Qop, again.Qop);
    }

    [Fact]
    public void The_example_of_RFC_2617_section_3_5()
    {
        DigestHash hash = new();
        string userHash = hash.UserHash(DigestAlgorithm.Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
        Assert.Equal("939e7578ed9e3c518a452acee763bce9", userHash);
        Assert.Equal(
            "6629fae49393a05397450978507c4ef1",
            hash.Response(DigestAlgorithm.Md5, userHash, "dcd98b7102dd2f0e8b11d0f600bfb0c093", "00000001", "0a4f113b", "auth", "GET", "/dir/index.html"));
    }

    [Theory]
    [InlineData(DigestAlgorithm.Md5, "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData(DigestAlgorithm.Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    public void The_examples_of_RFC_7616_section_3_9_1(DigestAlgorithm algorithm, string expected)
    {
        DigestHash hash = new();
        string userHash = hash.UserHash(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
        Assert.Equal(expected, hash.Response(
            algorithm, userHash, "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "auth", "GET",
            "/dir/index.html"));
    }

    [Fact]
    public void A_response_without_qop_is_that_of_RFC_2069()
    {
        // The erratum's value for RFC 2069 §2.4.
        DigestHash hash = new();
        string userHash = hash.UserHash(DigestAlgorithm.Md5, "Mufasa", "testrealm@host.com", "CircleOfLife");
        Assert.Equal(
            "1949323746fe6a43ef61f9606e7febea",
            hash.Response(DigestAlgorithm.Md5, userHash, "dcd98b7102dd2f0e8b11d0f600bfb0c093", null, null, null, "GET", "/dir/index.html"));
    }

    [Theory]
    [InlineData("Digest realm=\"a\", nonce=\"n\", algorithm=MD5, qop=\"auth\"", true, "auth")]
    [InlineData("digest REALM=a,nonce=n,algorithm=\"md5\",qop=auth", true, "auth")]                   // I33: unquoted and quoted the wrong way
    [InlineData("Digest realm=\"a\",\r\n\tnonce=\"n\",\r\n  qop=\"auth,auth-int\"", true, "auth,auth-int")]  // I37: folded with TAB
    [InlineData("Digest realm=\"a\", nonce=\"n\",, ,qop=\"auth-int\"", false, "auth-int")]
    [InlineData("Digest realm=\"a\", nonce=\"n\"", true, null)]
    [InlineData("Digest realm=\"a\", nonce=\"n\", algorithm=SHA-512-256, qop=\"auth\"", false, "auth")]
    [InlineData("Digest realm=\"a\", nonce=\"n\", algorithm=AKAv1-MD5", false, null)]
    public void Challenges_are_read_as_they_come(string text, bool usable, string? qop)
    {
        DigestChallenge challenge = Assert.Single(DigestChallenge.Parse(text));
        Assert.Equal(("a", "n", usable, qop), (challenge.Realm, challenge.Nonce, challenge.IsUsable, challenge.Qop));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Basic realm=\"a\"")]
    [InlineData("Digest realm=\"a")]
    [InlineData("Digest nonce=\"n\"")]
    [InlineData("Digest")]
    [InlineData("\u0001=;")]
    public void What_is_no_digest_challenge_gives_none(string text) => Assert.Empty(DigestChallenge.Parse(text));

    [Fact]
    public void Several_challenges_in_one_field_are_all_read()
    {
        IReadOnlyList<DigestChallenge> challenges = DigestChallenge.Parse(
            "Basic realm=\"x\", Digest realm=\"a\", nonce=\"1\", algorithm=SHA-256, Digest realm=\"b, c\", nonce=\"\\\"2\\\\\", stale=TRUE");
        Assert.Equal(["a", "b, c"], challenges.Select(challenge => challenge.Realm));
        Assert.Equal("\"2\\", challenges[1].Nonce);
        Assert.True(challenges[1].Stale);
    }

    [Fact]
    public void Credentials_as_GNOME_Calls_sends_them()
    {
        const string field = "Digest username=\"alice\", realm=\"sip.test\", nonce=\"abc\", cnonce=\"Y4FUc2GNEkCgZgo6L3/NMA\", algorithm=MD5, "
            + "uri=\"sip:sip.test:15060\", response=\"0123456789abcdef0123456789abcdef\", qop=auth, nc=0000000a";
        Assert.True(DigestCredentials.TryParse(field, out DigestCredentials? credentials));
        Assert.Equal(("alice", "sip:sip.test:15060", 10u), (credentials.Username, credentials.Uri, credentials.NonceCountValue!.Value));
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(Gen.String[0, 20], Gen.String[0, 20], Gen.String[0, 20], Gen.String[0, 20]).Sample((username, realm, nonce, uri) =>
        {
            DigestCredentials written = new()
            {
                Username = NoLines(username), Realm = NoLines(realm), Nonce = NoLines(nonce), Uri = NoLines(uri), Response = "ab",
                Qop = "auth", Cnonce = "c", NonceCount = "00000001", Opaque = NoLines(uri), Algorithm = DigestAlgorithm.Sha256,
            };
            Assert.True(DigestCredentials.TryParse(written.ToString(), out DigestCredentials? read));
            Assert.Equal(written, read);
            DigestChallenge challenge = new() { Realm = NoLines(realm), Nonce = NoLines(nonce), Opaque = NoLines(username), Stale = true };
            Assert.Equal(challenge, Assert.Single(DigestChallenge.Parse(challenge.ToString())));
        }, iter: 2_000);

    [Fact]
    public void Mutated_fields_never_throw()
    {
        string[] seeds =
        [
            "Digest username=\"alice\", realm=\"sip.test\", nonce=\"abc\", uri=\"sip:sip.test\", response=\"01\", qop=auth, nc=00000001, cnonce=\"x\"",
            "Digest realm=\"a\", nonce=\"n\", algorithm=MD5, qop=\"auth\", Digest realm=\"b\", nonce=\"m\"",
        ];
        const string alphabet = "\"\\,= \t\r\nDd;\0é\uD800a1";
        for (int i = 0; i < 50_000; i++)
        {
            char[] text = seeds[i % seeds.Length].ToCharArray();
            for (int n = _random.Next(1, 6); n > 0; n--)
                text[_random.Next(text.Length)] = alphabet[_random.Next(alphabet.Length)];
            string mutated = new(text, 0, _random.Next(text.Length + 1));
            _ = DigestChallenge.Parse(mutated);
            _ = DigestCredentials.TryParse(mutated, out _);
        }
    }

    [Theory]
    [InlineData("sip:sip.test:15060", "sip:sip.test", true)]
    [InlineData("sip:sip.test:15060", "sips:sip.test:5061", true)]
    [InlineData("sip:100@sip.test", "sip:100@192.0.2.1:5060;transport=tls", true)]
    [InlineData("sip:sip.test", "sip:100@192.0.2.1", true)]
    [InlineData("sip:101@sip.test", "sip:100@sip.test", false)]
    [InlineData("urn:service:sos", "urn:service:SOS", true)]                 // RFC 5031 §3
    [InlineData("sip:sip.test", "urn:service:sos", true)]
    [InlineData("urn:service:sos.fire", "urn:service:sos", false)]
    [InlineData("sip:100@sip.test", "urn:service:sos", false)]
    [InlineData("nonsense", "sip:100@sip.test", false)]
    [InlineData("", "sip:100@sip.test", false)]
    public void The_digest_uri_is_compared_leniently(string digestUri, string requestUri, bool fits) =>
        Assert.Equal(fits, DigestUri.Fits(digestUri, SipUri.Parse(requestUri)));

    [Fact]
    public void Client_and_server_agree_and_count_on()
    {
        DigestServer server = Server();
        DigestClient client = Client("secret");
        SipRequest request = Request();
        Assert.True(client.TryAuthorize(request, Challenged(server, request)));
        Assert.Equal(DigestVerdict.Accepted, Verify(server, request));
        for (int i = 2; i < 10; i++)
        {
            SipRequest next = Request();
            client.Authorize(next);
            Assert.Equal((uint)i, DigestServer.FindCredentials(next, Realm)!.NonceCountValue);
            Assert.Equal(DigestVerdict.Accepted, Verify(server, next));
        }
        Assert.Equal(1, server.NonceCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_SHA_256_and_MD5_the_topmost_that_is_known_is_answered(bool sha256)     // RFC 8760 §2.3, I33
    {
        DigestServer server = Server();
        SipRequest request = Request();
        SipResponse challenge = SipResponse.For(request, 401);
        challenge.Headers.Add(SipHeaderName.WwwAuthenticate, "Digest realm=\"sip.test\", nonce=\"x\", algorithm=AKAv1-MD5");
        server.Challenge(challenge, Realm, offerSha256: sha256);
        Assert.True(Client("secret").TryAuthorize(request, challenge));
        Assert.Equal(sha256 ? DigestAlgorithm.Sha256 : DigestAlgorithm.Md5, DigestServer.FindCredentials(request, Realm)!.Algorithm);
        Assert.Equal(DigestVerdict.Accepted, Verify(server, request));
    }

    [Fact]
    public void MD5_alone_is_offered_unless_asked()                           // GNOME Calls and baresip give up at the sight of SHA-256
    {
        SipResponse response = Challenged(Server(), Request());
        Assert.Single(response.Headers.GetAll(SipHeaderName.WwwAuthenticate));
        Assert.DoesNotContain("SHA", response.Headers.Get(SipHeaderName.WwwAuthenticate), StringComparison.Ordinal);
    }

    [Fact]
    public void A_strangers_realm_is_not_answered()                           // S4
    {
        DigestServer server = Server();
        SipRequest request = Request();
        SipResponse challenge = SipResponse.For(request, 407);
        server.Challenge(challenge, "carrier.example");
        Assert.False(Client("secret").TryAuthorize(request, challenge));
        Assert.False(request.Headers.Has(SipHeaderName.ProxyAuthorization));
    }

    [Fact]
    public void Two_proxies_on_the_way_both_get_their_credentials()           // RFC 3261 §22.3
    {
        DigestClient client = new(_ => new DigestAccount("alice", DigestSecret.FromPassword("secret")), () => "c");
        SipRequest request = Request();
        SipResponse first = SipResponse.For(request, 407);
        Server().Challenge(first, "one");
        Assert.True(client.TryAuthorize(request, first));
        SipResponse second = SipResponse.For(request, 407);
        Server().Challenge(second, "two");
        Assert.True(client.TryAuthorize(request, second));
        Assert.Equal(2, request.Headers.GetAll(SipHeaderName.ProxyAuthorization).Count());
    }

    [Fact]
    public void A_replay_is_stale()                                           // S5
    {
        DigestServer server = Server();
        SipRequest request = Authorized(server);
        Assert.Equal(DigestVerdict.Accepted, Verify(server, request));
        Assert.Equal(DigestVerdict.Stale, Verify(server, request));
    }

    [Theory]                                                                  // S5, S3
    [InlineData("secret")]
    [InlineData("guess")]
    public void S5_a_nonce_that_another_peer_got_is_stale_and_tells_nothing_of_the_password(string password)
    {
        DigestServer server = Server();
        SipRequest request = Request();
        SipResponse challenge = SipResponse.For(request, 401);
        server.Challenge(challenge, Realm, peer: 0xC0000201);
        Assert.True(Client(password).TryAuthorize(request, challenge));
        DigestCredentials credentials = DigestServer.FindCredentials(request, Realm)!;
        DigestSecret secret = DigestSecret.FromPassword("secret");
        Assert.Equal(DigestVerdict.Stale, server.Verify(request, credentials, Realm, secret, 0xC0000202));
        Assert.Equal(password == "secret" ? DigestVerdict.Accepted : DigestVerdict.Refused, server.Verify(request, credentials, Realm, secret, 0xC0000201));
    }

    [Fact]
    public void A_count_that_comes_late_is_good_once_within_the_window()
    {
        DigestServer server = Server();
        DigestClient client = Client("secret");
        SipRequest first = Request();
        client.TryAuthorize(first, Challenged(server, first));
        List<SipRequest> more = [.. Enumerable.Range(0, 70).Select(_ => Request())];
        more.ForEach(client.Authorize);
        Assert.Equal(DigestVerdict.Accepted, Verify(server, first));
        Assert.Equal(DigestVerdict.Accepted, Verify(server, more[^1]));      // nc 71
        Assert.Equal(DigestVerdict.Accepted, Verify(server, more[^5]));
        Assert.Equal(DigestVerdict.Stale, Verify(server, more[^5]));
        Assert.Equal(DigestVerdict.Stale, Verify(server, more[0]));          // nc 2, out of the window
    }

    [Fact]
    public void Nonces_of_another_secret_are_stale_until_the_server_has_it()
    {
        DigestNonces edges = new(new byte[32]), own = new(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }), now = own;
        DigestServer server = new(() => now, new DigestServerOptions(), _time), edge = new(() => edges, new DigestServerOptions(), _time);
        SipRequest request = Request();
        Assert.True(Client("secret").TryAuthorize(request, Challenged(edge, request)));
        Assert.Equal(DigestVerdict.Stale, Verify(server, request));
        now = edges;
        Assert.Equal(DigestVerdict.Accepted, Verify(server, request));
    }

    [Fact]
    public void A_nonce_is_for_one_realm_and_peer_and_no_octet_of_it_may_change()
    {
        DigestNonces nonces = new(new byte[32]);
        byte[] text = new byte[DigestNonces.TextLength];
        string longest = new('x', 300);
        foreach (string realm in new[] { "", Realm, longest })
        {
            byte[] octets = System.Text.Encoding.UTF8.GetBytes(realm);
            nonces.Write(1_700_000_000_123, octets, 7, null, text);
            string nonce = System.Text.Encoding.ASCII.GetString(text);
            Assert.True(nonces.TryRead(nonce, octets, 7, out long born, out UInt128 id));
            Assert.Equal(1_700_000_000_123, born);
            Assert.True(nonces.TryRead(nonce, octets, 7, out _, out UInt128 same) && same == id);
            Assert.False(nonces.TryRead(nonce, octets, 8, out _, out _));
            Assert.False(nonces.TryRead(nonce, [.. octets, 0], 7, out _, out _));
            Assert.False(nonces.TryRead(nonce.AsSpan(..^1), octets, 7, out _, out _));
            for (int i = 0; i < nonce.Length - 1; i++)          // the last character has bits that mean nothing
            {
                char[] other = nonce.ToCharArray();
                other[i] = other[i] == 'A' ? 'B' : 'A';
                Assert.False(nonces.TryRead(other, octets, 7, out _, out _));
            }
        }
    }

    [Fact]
    public void An_old_nonce_is_stale_and_the_next_try_succeeds()
    {
        DigestServer server = Server();
        DigestClient client = Client("secret");
        SipRequest request = Request();
        client.TryAuthorize(request, Challenged(server, request));
        _time.Advance(TimeSpan.FromSeconds(301));
        Assert.Equal(DigestVerdict.Stale, Verify(server, request));
        SipResponse again = SipResponse.For(request, 401);
        server.Challenge(again, Realm, stale: true);
        Assert.True(client.TryAuthorize(request, again));
        Assert.Equal(DigestVerdict.Accepted, Verify(server, request));
    }

    [Fact]
    public void How_long_the_peer_took_to_answer_a_challenge_is_known_of_a_nonces_first_use_alone()
    {
        DigestServer server = Server();
        DigestClient client = Client("secret");
        SipRequest first = Request(), second = Request();
        client.TryAuthorize(first, Challenged(server, first));
        client.Authorize(second);
        _time.Advance(TimeSpan.FromMilliseconds(38));
        Assert.Equal(DigestVerdict.Accepted, Verify(server, first));
        Assert.Equal(TimeSpan.FromMilliseconds(38), server.AnsweredAfter);
        Assert.Equal(DigestVerdict.Accepted, Verify(server, second));
        Assert.Null(server.AnsweredAfter);                                  // it was not asked for that
    }

    [Fact]
    public void After_a_move_the_old_owners_nonces_are_stale()
    {
        DigestServer before = Server();
        SipRequest request = Authorized(before);
        SipRequest unused = Authorized(before);
        Assert.Equal(DigestVerdict.Accepted, Verify(before, request));
        _time.Advance(TimeSpan.FromSeconds(1));
        DigestServer after = Server();
        Assert.Equal(DigestVerdict.Stale, Verify(after, request));           // else every captured request would be good once more
        Assert.Equal(DigestVerdict.Stale, Verify(after, unused));
    }

    [Fact]
    public void The_table_is_bounded_and_what_it_forgets_is_stale()
    {
        DigestServer server = new(new byte[32], new DigestServerOptions { MaximumNonces = 10 }, _time, _random.NextBytes);
        SipRequest first = Authorized(server);
        Assert.Equal(DigestVerdict.Accepted, Verify(server, first));
        for (int i = 0; i < 30; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            Assert.Equal(DigestVerdict.Accepted, Verify(server, Authorized(server)));
        }
        Assert.InRange(server.NonceCount, 1, 10);
        Assert.Equal(DigestVerdict.Stale, Verify(server, first));
    }

    [Theory]
    [InlineData("nonce")]
    [InlineData("realm of the nonce")]
    [InlineData("key")]
    public void A_nonce_that_is_not_ours_is_stale_for_who_knows_the_secret(string fault)
    {
        DigestServer server = Server();
        SipRequest request = Request();
        SipResponse challenge = SipResponse.For(request, 401);
        DigestServer other = new(fault == "key" ? [.. Enumerable.Repeat((byte)9, 32)] : new byte[32], new DigestServerOptions(), _time, _random.NextBytes);
        string nonce = fault == "nonce" ? "made-up" : other.NewNonce(fault == "key" ? Realm : "elsewhere");
        challenge.Headers.Add(SipHeaderName.WwwAuthenticate, new DigestChallenge { Realm = Realm, Nonce = nonce }.ToString());
        Client("secret").TryAuthorize(request, challenge);
        Assert.Equal(DigestVerdict.Stale, Verify(server, request));
    }

    [Fact]
    public void A_wrong_password_is_refused_without_stale_and_the_client_stops()
    {
        DigestServer server = Server();
        DigestClient client = Client("wrong");
        SipRequest request = Request();
        client.TryAuthorize(request, Challenged(server, request));
        Assert.Equal(DigestVerdict.Refused, Verify(server, request));
        Assert.False(client.TryAuthorize(request, Challenged(server, request)));
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("wrong")]
    [InlineData(null)]
    public void Known_and_unknown_users_cost_the_same_hash_operations(string? known)
    {
        DigestServer server = Server();
        SipRequest request = Authorized(server);
        long before = server.HashOperations;
        DigestSecret? secret = known is null ? null : DigestSecret.FromPassword(known);
        DigestVerdict verdict = server.Verify(request, DigestServer.FindCredentials(request, Realm)!, Realm, secret);
        Assert.Equal(known == "secret" ? DigestVerdict.Accepted : DigestVerdict.Refused, verdict);
        Assert.Equal(3, server.HashOperations - before);
    }

    [Fact]
    public void Stored_hashes_verify_like_the_password()
    {
        DigestServer server = Server();
        SipRequest request = Authorized(server);
        DigestSecret stored = DigestSecret.FromHashes(DigestSecret.Hash(DigestAlgorithm.Md5, "alice", Realm, "secret"), null);
        Assert.Equal(DigestVerdict.Accepted, server.Verify(request, DigestServer.FindCredentials(request, Realm)!, Realm, stored));
    }

    [Fact]
    public void A_response_without_qop_is_good_once()
    {
        DigestServer server = Server();
        SipRequest request = Request();
        SipResponse challenge = SipResponse.For(request, 401);
        challenge.Headers.Add(SipHeaderName.WwwAuthenticate, new DigestChallenge { Realm = Realm, Nonce = server.NewNonce(Realm), Qop = null }.ToString());
        Client("secret").TryAuthorize(request, challenge);
        Assert.Null(DigestServer.FindCredentials(request, Realm)!.NonceCount);
        Assert.Equal(DigestVerdict.Accepted, Verify(server, request));
        Assert.Equal(DigestVerdict.Stale, Verify(server, request));
    }

    [Theory]
    [InlineData("method")]
    [InlineData("user")]
    public void Credentials_of_another_request_are_refused(string fault)
    {
        DigestServer server = Server();
        SipRequest request = Authorized(server);
        SipRequest other = fault == "method" ? Request(method: "INVITE") : Request("sip:900@sip.test");
        other.Headers.Add(SipHeaderName.Authorization, request.Headers.Get(SipHeaderName.Authorization)!);
        Assert.Equal(DigestVerdict.Refused, Verify(server, other));
    }

    private static string NoLines(string text) => new([.. text.Where(c => c is not ('\r' or '\n' or '\0'))]);

    private static DigestVerdict Verify(DigestServer server, SipRequest request) =>
        server.Verify(request, DigestServer.FindCredentials(request, Realm)!, Realm, DigestSecret.FromPassword("secret"));

    private static SipResponse Challenged(DigestServer server, SipRequest request)
    {
        SipResponse response = SipResponse.For(request, 401);
        server.Challenge(response, Realm);
        return response;
    }

    private static DigestClient Client(string password) => DigestClient.ForRealm(Realm, new DigestAccount("alice", DigestSecret.FromPassword(password)), () => "cnonce");

    private static SipRequest Authorized(DigestServer server)
    {
        SipRequest request = Request();
        Assert.True(Client("secret").TryAuthorize(request, Challenged(server, request)));
        return request;
    }

    private static SipRequest Request(string uri = "sip:100@sip.test", string method = "MESSAGE")
    {
        SipRequest request = new(SipMethod.From(method), SipUri.Parse(uri));
        request.Headers.Add(SipHeaderName.Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1");
        request.Headers.Add(SipHeaderName.From, "<sip:alice@sip.test>;tag=a");
        request.Headers.Add(SipHeaderName.To, "<sip:100@sip.test>");
        request.Headers.Add(SipHeaderName.CallId, "c");
        request.Headers.Add(SipHeaderName.CSeq, $"1 {method}");
        return request;
    }

    private DigestServer Server() => new(new byte[32], new DigestServerOptions(), _time, _random.NextBytes);
}
