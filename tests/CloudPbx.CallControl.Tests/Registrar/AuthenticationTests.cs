using System.Text.RegularExpressions;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tests.Registrar;

public sealed partial class AuthenticationTests : IDisposable
{
    private readonly TestTenant _tenant = new();

    /// <summary>SECURITY.md S7: method by sender.</summary>
    [Theory]
    [InlineData("REGISTER", 401, 200)]
    [InlineData("INVITE", 407, 404)]
    [InlineData("MESSAGE", 407, 405)]
    [InlineData("SUBSCRIBE", 407, 489)]
    [InlineData("NOTIFY", 481, 481)]                              // RFC 6665 §4.1.3: only in dialogs
    [InlineData("PUBLISH", 407, 405)]
    [InlineData("REFER", 407, 405)]
    [InlineData("INFO", 407, 405)]
    [InlineData("OPTIONS", 200, 200)]
    [InlineData("BYE", 481, 481)]
    [InlineData("PRACK", 481, 481)]
    [InlineData("UPDATE", 481, 481)]
    [InlineData("BREW", 501, 501)]
    public async Task S7_a_stranger_is_asked_who_it_is_and_a_device_gets_no_more_than_it_may(string method, int stranger, int device)
    {
        StubPhone phone = _tenant.Phone("100");
        phone.Send(phone.Request(SipMethod.From(method), "sip:999@acme.test"));
        Assert.Equal(stranger, (await phone.ResponseAsync()).StatusCode);
        (SipResponse response, _) = await phone.TryAsync(phone.Request(SipMethod.From(method), "sip:999@acme.test"));
        Assert.Equal(device, response.StatusCode);
        // Another tenant's user is a stranger here, whatever its password is there.
        StubPhone foreign = _tenant.Phone("900");
        (response, _) = await foreign.TryAsync(foreign.Request(SipMethod.From(method), "sip:999@acme.test"));
        Assert.Equal(stranger, response.StatusCode);
        Assert.True(foreign.HasNothing);
    }

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    [InlineData("OPTIONS")]
    [InlineData("MESSAGE")]
    public async Task S32_a_forged_source_gets_one_datagram_which_the_edge_holds_to_the_requests_size(string method)      // CVE-2022-26143
    {
        StubPhone phone = _tenant.Phone("100", SipTransport.Udp);
        SipRequest request = phone.Request(SipMethod.From(method), "sip:999@acme.test");
        phone.Send(request);
        SipResponse answer = await phone.ResponseAsync();
        Assert.InRange(answer.ToBytes().Length, 1, 2 * request.ToBytes().Length);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(40));
        Assert.True(phone.HasNothing);                            // no retransmission either: the challenge has no state
    }

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    public async Task S2_S3_a_wrong_password_and_an_unknown_user_get_the_same_octets(string method)
    {
        string[] answers = new string[2];
        foreach ((int i, string user) in new[] { (0, "100"), (1, "777") })
        {
            StubPhone phone = _tenant.Phone(user, password: "wrong");
            (SipResponse response, _) = await phone.TryAsync(phone.Request(SipMethod.From(method), "sip:101@acme.test"));
            answers[i] = Random().Replace(System.Text.Encoding.UTF8.GetString(response.ToBytes()), "RANDOM").Replace(user, "USER", StringComparison.Ordinal);
        }
        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task A_device_that_ends_by_itself_is_unknown_from_that_moment_on()        // a phone in a browser whose page nobody closed
    {
        DateTime end = _tenant.Time.GetUtcNow().UtcDateTime.AddHours(1);
        _tenant.Shape = content => content with { Devices = [.. content.Devices.Select(device => device with { ExpiresAt = end })] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        Assert.Equal(200, (await _tenant.Phone("100", SipTransport.Wss).RegisterAsync()).StatusCode);
        await _tenant.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(401, (await _tenant.Phone("100", SipTransport.Wss).RegisterAsync()).StatusCode);
    }

    [Fact]
    public async Task A_phone_that_comes_before_the_word_of_its_extension_is_let_in()
    {
        _tenant.Runtime.Replace(_tenant.Configure(2, without: "102"));
        _tenant.Newer = version => Task.FromResult(version < 3 ? _tenant.Configure(3) : null);
        Assert.Equal(200, (await _tenant.Phone("102").RegisterAsync()).StatusCode);
        Assert.Equal(3, _tenant.Runtime.Version);
    }

    [Fact]
    public async Task S3_however_many_guess_the_worker_looks_once_a_second()
    {
        int looks = 0;
        _tenant.Newer = _ =>
        {
            looks++;
            return Task.FromResult<Data.Tenants.TenantConfiguration?>(null);
        };
        for (int guess = 0; guess < 3; guess++)
            Assert.Equal(401, (await _tenant.Phone("100", password: $"guess-{guess}", address: $"192.0.2.{20 + guess}").RegisterAsync()).StatusCode);
        Assert.Equal(1, looks);
        StubPhone stranger = _tenant.Phone("777", address: "192.0.2.30");
        stranger.Send(stranger.Register("600", $"<{stranger.Contact}>"));
        await stranger.ResponseAsync();
        Assert.Equal(1, looks);                                   // who has not answered our challenge has nothing looked up
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(401, (await _tenant.Phone("777", address: "192.0.2.31").RegisterAsync()).StatusCode);
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task A_database_that_hangs_keeps_nobody_waiting_for_its_refusal()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _tenant.Newer = _ =>
        {
            asked.TrySetResult();
            return new TaskCompletionSource<Data.Tenants.TenantConfiguration?>().Task;
        };
        Task<SipResponse> registering = _tenant.Phone("777").RegisterAsync();
        await asked.Task.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        await _tenant.SettleAsync();
        Assert.False(registering.IsCompleted);
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(600));
        Assert.Equal(401, (await registering).StatusCode);
    }

    [Fact]
    public async Task The_challenge_names_MD5_alone_and_the_domain_as_it_was_asked()
    {
        StubPhone phone = _tenant.Phone("100");
        phone.UserAgent = "calls sofia-sip/1.12.11devel";
        phone.Send(phone.Register("600", $"<{phone.Contact}>"));
        SipResponse response = await phone.ResponseAsync();
        string challenge = Assert.Single(response.Headers.GetAll(SipHeaderName.WwwAuthenticate));
        Assert.Contains("realm=\"acme.test\"", challenge, StringComparison.Ordinal);
        Assert.Contains("qop=\"auth\"", challenge, StringComparison.Ordinal);
        Assert.DoesNotContain("SHA", challenge, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_phone_known_to_cope_is_offered_SHA_256_first()
    {
        StubPhone phone = _tenant.Phone("100");
        phone.UserAgent = "CloudPbx softphone";
        phone.Send(phone.Register("600", $"<{phone.Contact}>"));
        string[] challenges = [.. (await phone.ResponseAsync()).Headers.GetAll(SipHeaderName.WwwAuthenticate)];
        Assert.Equal(2, challenges.Length);
        Assert.Contains("SHA-256", challenges[0], StringComparison.Ordinal);
        Assert.Contains("MD5", challenges[1], StringComparison.Ordinal);
        Assert.Equal(200, (await phone.RegisterAsync()).StatusCode);
    }

    [Fact]
    public async Task S5_a_replayed_request_is_stale()
    {
        StubPhone phone = _tenant.Phone("100");
        (SipResponse response, SipRequest good) = await phone.TryAsync(phone.Register("600", $"<{phone.Contact}>"));
        Assert.Equal(200, response.StatusCode);
        StubPhone thief = _tenant.Phone("100", address: "203.0.113.66");       // captured, and sent from elsewhere
        good.Headers.Set(SipHeaderName.Via, "SIP/2.0/TLS 203.0.113.66;branch=z9hG4bKreplay");
        thief.Send(good);
        response = await thief.ResponseAsync();
        Assert.Equal(401, response.StatusCode);
        Assert.Contains("stale=true", response.Headers.Get(SipHeaderName.WwwAuthenticate), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_answer_to_a_challenge_counts_also_beside_what_is_left_of_another_one()      // RFC 3261 §22.3
    {
        StubPhone phone = _tenant.Phone("100");                   // calls by the nonce of its registration, which is too old by now
        (SipResponse response, _) = await phone.TryAsync(phone.Register("3600", $"<{phone.Contact}>"));
        Assert.Equal(200, response.StatusCode);
        await _tenant.AdvanceAsync(TimeSpan.FromMinutes(10));
        (response, SipRequest invite) = await phone.TryAsync(phone.Request(SipMethod.Invite, "sip:999@acme.test"));
        Assert.True(invite.Headers.Get(SipHeaderName.Authorization) is not null && invite.Headers.Get(SipHeaderName.ProxyAuthorization) is not null);
        Assert.Equal(404, response.StatusCode);
    }

    [Fact]
    public async Task Sixteen_tries_at_once_count_as_one()
    {
        StubPhone phone = _tenant.Phone("100", password: "wrong");      // baresip 1.0 does that
        phone.Send(phone.Register("600", $"<{phone.Contact}>"));
        SipResponse challenge = await phone.ResponseAsync();
        for (int i = 0; i < 16; i++)
        {
            phone.Send(phone.Again(phone.Register("600", $"<{phone.Contact}>"), challenge));
            Assert.Equal(401, (await phone.ResponseAsync()).StatusCode);
        }
        Assert.Empty(_tenant.Guessers);
        phone.Send(phone.Again(phone.Register("600", $"<{phone.Contact}>"), challenge));
        Assert.Equal(401, (await phone.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task The_registration_probe_of_GNOME_Calls_gets_a_plain_200()
    {
        StubPhone phone = _tenant.Phone("100");
        SipRequest probe = phone.Request(SipMethod.Options, "sip:100@acme.test");
        probe.Headers.Remove(SipHeaderName.MaxForwards);
        probe.Headers.Add(SipHeaderName.Subject, "REGISTRATION PROBE");
        phone.Send(probe);
        Assert.Equal(200, (await phone.ResponseAsync()).StatusCode);
    }

    [Theory]
    [InlineData("Content-Type", "application/isup", 415)]         // RFC 4475 §3.3.15
    [InlineData("Accept", "text/nobodyKnowsThis", 406)]           // RFC 4475 §3.3.16
    [InlineData("Require", "nothingSupportsThis", 420)]           // RFC 4475 §3.3.14
    [InlineData("Max-Forwards", "0", 483)]
    public async Task An_INVITE_that_cannot_be_served_is_refused_before_anything_else(string name, string value, int status)
    {
        StubPhone phone = _tenant.Phone("100");
        phone.Send(phone.Request(SipMethod.Invite, "sip:101@acme.test", "v=0", (name, value)));
        Assert.Equal(status, (await phone.ResponseAsync()).StatusCode);
    }

    [Fact]
    public async Task S11_an_INVITE_with_a_made_up_To_tag_finds_no_dialog()
    {
        StubPhone phone = _tenant.Phone("100");                   // SECURITY.md S11
        phone.Send(phone.Request(SipMethod.Invite, "sip:101@acme.test", "v=0", ("To", "<sip:101@acme.test>;tag=madeup")));
        Assert.Equal(481, (await phone.ResponseAsync()).StatusCode);
        Assert.Empty(await _tenant.Runtime.CallsAsync());
    }

    public void Dispose() => _tenant.Dispose();

    [GeneratedRegex("(?<=nonce=\")[^\"]*|(?<=tag=)[\\w-]+|(?<=branch=)[\\w-]+|(?<=Call-ID: )\\w+|(?<=flow=)[\\w-]+|(?<=10\\.0\\.0\\.\\d:)\\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Random();
}
