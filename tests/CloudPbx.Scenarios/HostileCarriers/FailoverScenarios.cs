using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Carriers that fail, and how they are asked whether they are there (INTEROP I27 to I32).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class FailoverScenarios(ProductFixture fixture)
{
    [Fact]
    public async Task I27_I28_a_503_is_acknowledged_the_next_carrier_is_called_and_the_first_is_left_in_peace_for_as_long_as_it_asked()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, carriers: 2);
        (HostileCarrier full, HostileCarrier free) = (scene.Carriers[0], scene.Carriers[1]);
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await full.ExpectAsync("INVITE");
        full.Answer(invite, "503 Service Unavailable", "Retry-After: 300 (maintenance)");
        RawMessage ack = await full.ExpectAsync("ACK");
        Assert.Equal((invite.Branch, "carrier"), (ack.Branch, ack.Tag("To")));            // RFC 3261 §17.1.1.3
        free.Answer(await free.ExpectAsync("INVITE"), "200 OK", "", HostileCarrier.Pcmu);
        await free.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        await call.HangUpAsync();
        free.Answer(await free.ExpectAsync("BYE"), "200 OK");

        await scene.DialAsync();
        await free.ExpectAsync("INVITE");
        Assert.Equal(1, full.Count("INVITE"));
    }

    [Fact]
    public async Task Why_a_carrier_did_not_take_a_call_stands_in_its_trunks_status_in_its_own_words_until_it_takes_one()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        PhoneCall call = await scene.DialAsync();
        scene.Carrier.Answer(await scene.Carrier.ExpectAsync("INVITE"), "503 Out of lines in Hamburg", "Reason: Q.850;cause=34");
        await scene.Carrier.ExpectAsync("ACK");
        await CarrierScene.EndedAsync(call);
        JsonElement status = await scene.TrunkAsync(), failure = status.GetProperty("lastCallFailure");
        Assert.Equal(("off", 503, "Out of lines in Hamburg; Reason: Q.850;cause=34"),
            (status.GetProperty("reach").GetString(), failure.GetProperty("status").GetInt32(), failure.GetProperty("reason").GetString()));
        Assert.False(status.TryGetProperty("callsAgainSince", out JsonElement none) && none.ValueKind != JsonValueKind.Null);

        (call, _) = await scene.TalkAsync();
        status = await scene.TrunkAsync();
        Assert.Equal(failure.GetRawText(), status.GetProperty("lastCallFailure").GetRawText());
        Assert.True(status.GetProperty("callsAgainSince").GetDateTime() >= failure.GetProperty("at").GetDateTime());
        await scene.HangUpAsync(call);
    }

    [Theory]
    [InlineData("480 Temporarily Unavailable", false)]
    [InlineData("486 Busy Here", false)]
    [InlineData("600 Busy Everywhere", false)]
    [InlineData("500 Server Internal Error", true)]
    [InlineData("408 Request Timeout", true)]
    public async Task I29_the_callees_own_word_ends_the_hunting_and_a_carriers_failure_does_not(string status, bool goesOn)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, carriers: 2);
        PhoneCall call = await scene.DialAsync();
        scene.Carriers[0].Answer(await scene.Carriers[0].ExpectAsync("INVITE"), status);
        await scene.Carriers[0].ExpectAsync("ACK");
        if (goesOn)
        {
            scene.Carriers[1].Answer(await scene.Carriers[1].ExpectAsync("INVITE"), "200 OK", "", HostileCarrier.Pcmu);
            await scene.AnsweredAsync(call);
            return;
        }
        Assert.Equal(int.Parse(status.AsSpan(0, 3), CultureInfo.InvariantCulture), (await CarrierScene.EndedAsync(call)).StatusCode);
        Assert.False(scene.Carriers[1].Has("INVITE"));
    }

    [Fact]
    public async Task I29_a_first_gateway_whose_name_leads_nowhere_does_not_stop_the_second()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, carriers: 2, trunk: (trunk, place) =>
        {
            if (place == 0)
                trunk["server"]!["host"] = "gateway.invalid";                            // RFC 2606 §2
        });
        await scene.DialAsync();
        await scene.Carriers[1].ExpectAsync("INVITE");
    }

    [Fact]
    public async Task I30_whoever_answers_OPTIONS_at_all_is_there_and_503_is_not()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"optionsKeepAlive":true,"optionsIntervalSeconds":300}""", carriers: 2);
        foreach ((HostileCarrier carrier, int place) in scene.Carriers.Select((carrier, place) => (carrier, place)))
        {
            carrier.Answer(await carrier.ExpectAsync("OPTIONS"), place == 0 ? "503 Service Unavailable" : "405 Method Not Allowed");
            Assert.Equal(place == 0 ? "down" : "up", await ReachAsync(scene, place));
        }
        await scene.DialAsync();
        await scene.Carriers[1].ExpectAsync("INVITE");
        Assert.False(scene.Carriers[0].Has("INVITE"));
    }

    [Fact]
    public async Task I30_I31_a_carrier_that_asks_by_OPTIONS_gets_200_and_all_that_we_allow()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        scene.Carrier.Send(
            """
            OPTIONS sip:[pbx] SIP/2.0
            Via: SIP/2.0/UDP [local];branch=[branch];rport
            Max-Forwards: 70
            From: <sip:ping@[ip]>;tag=o
            To: <sip:[pbx]>
            Call-ID: ping@[local]
            CSeq: 1 OPTIONS
            Contact: <sip:carrier@[local]>
            Content-Length: 0

            """);
        RawMessage answer = await scene.Carrier.ExpectAsync("200 OPTIONS");
        foreach (string method in new[] { "INVITE", "REFER", "NOTIFY" })
            Assert.Contains(method, answer["Allow"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task I31_Contact_and_OPTIONS_bear_the_name_of_our_certificate_where_the_carrier_compares_them()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"optionsKeepAlive":true,"contactHost":"sbc.company.example"}""");
        RawMessage options = await scene.Carrier.ExpectAsync("OPTIONS");
        Assert.Contains("sbc.company.example", options["Contact"], StringComparison.Ordinal);
        Assert.Contains("sip:sbc.company.example", options["From"], StringComparison.Ordinal);
        scene.Carrier.Answer(options, "200 OK");
        await scene.DialAsync();
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        Assert.Contains("sbc.company.example", invite["Contact"], StringComparison.Ordinal);
        foreach (string method in new[] { "REFER", "NOTIFY" })
            Assert.Contains(method, invite["Allow"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("h2")]                                                                   // and would refuse who offers "sip" (RFC 7301 §3.2)
    public async Task I32_a_carrier_whose_TLS_knows_no_ALPN_or_does_not_know_sip_in_it_is_called(string? protocol)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = new CertificateRequest("CN=carrier.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(2));
        using X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        await using CarrierScene scene = await CarrierScene.SetAsync(
            fixture, """{"verifyServerName":false}""", certificate: certificate, trunk: (trunk, _) => trunk["server"]!["transport"] = "tls", protocols: protocol is null ? null : [new SslApplicationProtocol(protocol)]);
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        Assert.StartsWith("SIP/2.0/TLS ", invite["Via"], StringComparison.Ordinal);
        scene.Carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await scene.Carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
    }

    // The API tells it when it is asked only.
    private static async Task<string> ReachAsync(CarrierScene scene, int trunk)
    {
        long end = Environment.TickCount64 + (long)Deadlines.Signalling.TotalMilliseconds;
        while (true)
        {
            JsonElement status = await scene.TrunkAsync(trunk);
            string reach = status.GetProperty("reach").GetString()!;
            if (reach != "unknown" || Environment.TickCount64 > end)
                return reach;
        }
    }
}
