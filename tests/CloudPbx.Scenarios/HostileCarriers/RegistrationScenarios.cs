using System.Text.Json;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Registrars and challenges (RFC 3261 §10.2, RFC 8760; INTEROP I33 to I37).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class RegistrationScenarios(ProductFixture fixture)
{
    [Fact]
    public async Task I33_of_several_challenges_after_a_100_the_first_that_is_known_is_answered_and_a_stale_one_once_more()       // RFC 8760 §2.4
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "100 Trying", tag: "");
        carrier.Answer(invite, "401 Unauthorized", """
            WWW-Authenticate: Digest realm="carrier.example", nonce="n0", algorithm=AKAv1-MD5, qop="auth"
            WWW-Authenticate: Digest realm="carrier.example", nonce="n1", algorithm="SHA-256", qop=auth
            WWW-Authenticate: Digest realm="carrier.example", nonce="n1", algorithm=MD5, qop="auth"
            """);                                                                        // unquoted qop, quoted algorithm
        await carrier.ExpectAsync("ACK");
        RawMessage again = await carrier.ExpectAsync("INVITE");
        Assert.Contains("SHA-256", again["Authorization"], StringComparison.Ordinal);
        Assert.Contains("nonce=\"n1\"", again["Authorization"], StringComparison.Ordinal);
        Assert.Equal(invite.Sequence + 1, again.Sequence);
        carrier.Answer(again, "401 Unauthorized", "WWW-Authenticate: Digest realm=\"carrier.example\", nonce=\"n2\", stale=TRUE, algorithm=SHA-256, qop=\"auth\"");
        await carrier.ExpectAsync("ACK");
        again = await carrier.ExpectAsync("INVITE");
        Assert.Contains("nonce=\"n2\"", again["Authorization"], StringComparison.Ordinal);
        carrier.Answer(again, "401 Unauthorized", "WWW-Authenticate: Digest realm=\"carrier.example\", nonce=\"n3\", algorithm=SHA-256, qop=\"auth\"");      // the password is wrong, then
        await carrier.ExpectAsync("ACK");
        Assert.Equal("failed", (await scene.RecordAsync()).GetProperty("disposition").GetString());
        Assert.Equal(3, carrier.Count("INVITE"));
    }

    [Fact]
    public async Task I34_a_registrar_that_wants_longer_gets_that_at_once_and_its_200_without_Expires_grants_it()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, registered: true);
        HostileCarrier carrier = scene.Carrier;
        RawMessage register = await carrier.ExpectAsync("REGISTER");
        Assert.Equal("3600", register["Expires"]);
        carrier.Answer(register, "423 Interval Too Brief", "Min-Expires: 7200");
        register = await carrier.ExpectAsync("REGISTER");
        Assert.Equal("7200", register["Expires"]);
        carrier.Answer(register, "200 OK", $"Contact: {register["Contact"]}");             // Deutsche Telekom says no more
        Assert.InRange(ExpiresIn(await scene.RegisteredAsync()), 7100, 7200);
    }

    [Fact]
    public async Task I34_I35_only_the_life_of_our_own_Contact_counts_and_what_is_configured_is_asked_for_again()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, registered: true);
        HostileCarrier carrier = scene.Carrier;
        RawMessage register = await carrier.ExpectAsync("REGISTER");
        carrier.Answer(register, "200 OK", $"Contact: <sip:old@192.0.2.9>;expires=900, {register["Contact"]};expires=3\nExpires: 1800");
        RawMessage refresh = await carrier.ExpectAsync("REGISTER", TimeSpan.FromSeconds(20));
        while (refresh["Expires"] == "0" || !refresh["Contact"].Contains(register.Target, StringComparison.Ordinal))      // what the registrar tells of a former address of ours is removed
        {
            carrier.Answer(refresh, "200 OK", $"Contact: {register["Contact"]};expires=3");
            refresh = await carrier.ExpectAsync("REGISTER", TimeSpan.FromSeconds(20));
        }
        Assert.Equal((register["Contact"], "3600", register["Call-ID"]), (refresh["Contact"], refresh["Expires"], refresh["Call-ID"]));
    }

    [Theory]
    [InlineData(61)]
    [InlineData(3600)]
    public async Task I35_a_phone_gets_the_life_that_it_asked_for_and_not_a_second_less(int seconds)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier phone = scene.Carrier;
        phone.Send(Register(""));
        string answer = RawDigest.Answer(await phone.ExpectAsync("401 REGISTER"), "101", scene.Company.Account("101").Password, "REGISTER", $"sip:{scene.Company.Domain}");
        phone.Send(Register($"Authorization: {answer}\n"));
        RawMessage granted = await phone.ExpectAsync("200 REGISTER");
        Assert.Equal($"<sip:101@{phone.At}>;expires={seconds}", granted["Contact"]);

        string Register(string credentials) =>
            $"""
            REGISTER sip:{scene.Company.Domain} SIP/2.0
            v:SIP/2.0/UDP [local];branch=[branch];rport
            Max-Forwards:70
            f:<sip:101@{scene.Company.Domain}>;tag=raw
            t:<sip:101@{scene.Company.Domain}>
            i:register@[local]
            CSeq:{(credentials.Length == 0 ? 1 : 2)} REGISTER
            m:<sip:101@[local]>
            Expires:{seconds}
            {credentials}l:0

            """;                                                                         // I38: short names and no space
    }

    [Fact]
    public async Task I37_a_challenge_over_several_lines_is_one()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, registered: true);
        HostileCarrier carrier = scene.Carrier;
        carrier.Answer(await carrier.ExpectAsync("REGISTER"), "401 Unauthorized", "WWW-Authenticate: Digest realm=\"carrier.example\",\n\tnonce=\"folded\",\n  algorithm=MD5,\n \t qop=\"auth\"");
        RawMessage register = await carrier.ExpectAsync("REGISTER");
        Assert.Contains("nonce=\"folded\"", register["Authorization"], StringComparison.Ordinal);
        Assert.Contains("qop=auth", register["Authorization"], StringComparison.Ordinal);
        carrier.Answer(register, "200 OK", $"Contact: {register["Contact"]};expires=3600");
        await scene.RegisteredAsync();
    }

    [Fact]
    public async Task S4_our_BYE_in_the_carriers_own_call_is_not_repeated_with_credentials_in_the_trunks_own_realm()      // CVE-2021-41158
    {
        const string challenge = "Digest realm=\"carrier.example\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"";
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, registered: true, trunk: (trunk, _) => trunk["defaultExtension"] = "100");
        HostileCarrier carrier = scene.Carrier;
        carrier.Answer(await carrier.ExpectAsync("REGISTER"), "401 Unauthorized", $"WWW-Authenticate: {challenge}");
        RawMessage register = await carrier.ExpectAsync("REGISTER");
        Assert.Contains("carrier.example", register["Authorization"], StringComparison.Ordinal);      // the realm is the trunk's
        carrier.Answer(register, "200 OK", $"Contact: {register["Contact"]};expires=3600");
        await scene.RegisteredAsync();
        carrier.Invite(register.Target["sip:".Length..register.Target.IndexOf('@', StringComparison.Ordinal)]);
        PhoneCall call = await scene.IncomingAsync();
        Assert.True((await call.AnswerAsync()).Accepted);
        carrier.Dialog(await carrier.ExpectAsync("200 INVITE")).Ack();
        await call.HangUpAsync();
        RawMessage bye = await carrier.ExpectAsync("BYE");
        Assert.Equal("", bye["Authorization"] + bye["Proxy-Authorization"]);
        carrier.Answer(bye, "407 Proxy Authentication Required", $"Proxy-Authenticate: {challenge.Replace("n1", "stolen", StringComparison.Ordinal)}");
        await scene.RecordAsync();                                                       // the call is over with that
        Assert.Equal(1, carrier.Count("BYE"));
    }

    private static double ExpiresIn(JsonElement line) => (line.GetProperty("expiresAt").GetDateTimeOffset() - DateTimeOffset.UtcNow).TotalSeconds;
}
