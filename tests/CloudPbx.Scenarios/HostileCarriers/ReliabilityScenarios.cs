using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sip.Messages;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Reliable provisional responses as carriers have them (RFC 3262; INTEROP I1 to I6).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class ReliabilityScenarios(ProductFixture fixture)
{
    private const string Reliable = "Require: 100rel\nRSeq: 4711";

    [Fact]
    public async Task I1_a_carrier_that_requires_100rel_and_knows_no_PRACK_answers_the_call_all_the_same()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        Assert.Contains("100rel", invite["Supported"], StringComparison.Ordinal);
        carrier.Answer(invite, "183 Session Progress", Reliable, HostileCarrier.Pcmu);
        RawMessage prack = await carrier.ExpectAsync("PRACK");
        Assert.Equal($"4711 {invite["CSeq"]}", prack["RAck"]);
        carrier.Answer(prack, "405 Method Not Allowed", "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS");
        carrier.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
        await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
        await scene.HangUpAsync(call);

        call = await scene.DialAsync();
        Assert.DoesNotContain("100rel", (await carrier.ExpectAsync("INVITE"))["Supported"], StringComparison.Ordinal);
        Assert.Contains("405", (await scene.TrunkAsync()).GetProperty("rel100Learned").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task I2_a_carrier_that_fails_the_call_for_want_of_the_PRACK_that_it_refused_gets_it_again_without_100rel()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "180 Ringing", Reliable);
        carrier.Answer(await carrier.ExpectAsync("PRACK"), "481 Call/Transaction Does Not Exist");
        carrier.Answer(invite, "500 No PRACK");
        await carrier.ExpectAsync("ACK");
        RawMessage again = await carrier.ExpectAsync("INVITE");
        Assert.Equal((invite["Call-ID"], invite.Sequence + 1), (again["Call-ID"], again.Sequence));
        Assert.DoesNotContain("100rel", again["Supported"], StringComparison.Ordinal);
        carrier.Answer(again, "200 OK", "", HostileCarrier.Pcmu);
        await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
    }

    [Theory]
    [InlineData("Allow: INVITE, ACK, CANCEL, BYE, PRACK", false)]                        // Linphone, baresip
    [InlineData("Supported: 100rel", false)]                                             // ringing alone is not worth it
    [InlineData("Require: 100rel", true)]
    public async Task I3_who_allows_PRACK_but_does_not_support_100rel_gets_ringing_as_it_always_was(string fields, bool reliable)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        carrier.Invite(scene.Number, fields);
        PhoneCall call = await scene.IncomingAsync();
        RawMessage ringing = await carrier.ExpectAsync("180 INVITE");
        Assert.Equal(reliable, ringing["Require"].Contains("100rel", StringComparison.Ordinal));
        if (reliable)
        {
            carrier.Dialog(ringing).Send("PRACK", $"RAck: {ringing["RSeq"]} 1 INVITE");
            await carrier.ExpectAsync("200 PRACK");
        }
        Assert.True((await call.AnswerAsync()).Accepted);
        await carrier.ExpectAsync("200 INVITE");
    }

    [Fact]
    public async Task I3_where_the_trunk_requires_100rel_a_carrier_without_it_is_told_so()      // RFC 3262 §3, RFC 3261 §21.4.16
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"rel100":"required"}""");
        HostileCarrier carrier = scene.Carrier;
        carrier.Invite(scene.Number, "Allow: INVITE, ACK, CANCEL, BYE, PRACK", call: "unable");
        RawMessage refusal = await carrier.ExpectAsync("421 INVITE");
        Assert.Equal("100rel", refusal["Require"]);
        carrier.AckRefusal(refusal);
        carrier.Invite(scene.Number, "Supported: 100rel", call: "able");
        await scene.IncomingAsync();
        Assert.Contains("100rel", (await carrier.ExpectAsync("180 INVITE"))["Require"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task I4_of_two_forks_each_gets_its_PRACK_at_its_own_Contact()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        foreach ((string fork, int number) in new[] { ("one", 9000), ("two", 17) })
        {
            carrier.Answer(invite, "183 Session Progress", $"Contact: <sip:{fork}@[local]>\nRequire: 100rel\nRSeq: {number}", HostileCarrier.Pcmu, fork);
            RawMessage prack = await carrier.ExpectAsync("PRACK");
            Assert.StartsWith($"sip:{fork}@", prack.RequestUri, StringComparison.Ordinal);
            Assert.Equal((fork, $"{number} {invite["CSeq"]}"), (prack.Tag("To"), prack["RAck"]));
            carrier.Answer(prack, "200 OK");
        }
        carrier.Answer(invite, "200 OK", "Contact: <sip:two@[local]>", "", "two");        // its answer came in the 183
        Assert.StartsWith("sip:two@", (await carrier.ExpectAsync("ACK")).RequestUri, StringComparison.Ordinal);
        await scene.AnsweredAsync(call);
    }

    [Fact]
    public async Task I5_what_the_carrier_requires_and_counts_ends_at_its_leg()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        PhoneCall call = await scene.DialAsync();
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        carrier.Answer(invite, "183 Session Progress", Reliable, HostileCarrier.Pcmu);
        carrier.Answer(await carrier.ExpectAsync("PRACK"), "200 OK");
        SipResponse progress = (await call.Ringing.WaitAsync(Deadlines.Signalling))!;
        Assert.Equal(183, progress.StatusCode);
        Assert.NotEqual(4711u, progress.RSeq);                                            // her phone copes, and has numbers of its own
        carrier.Answer(invite, "200 OK");
        await carrier.ExpectAsync("ACK");
        await scene.AnsweredAsync(call);
    }

    [Fact]
    public async Task I5_an_answer_waits_until_the_session_description_before_it_has_its_PRACK()      // RFC 3262 §3
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        await fixture.Pbx.Api.PutAsync($"tenants/{scene.Company.Name}/extensions/100", $$$"""{"number":"100","forwards":{"always":"{{{CarrierScene.Callee}}}"}}""", TestContext.Current.CancellationToken);
        carrier.Invite(scene.Number, "Supported: 100rel");                               // and has the other end, too
        RawMessage outgoing = await carrier.ExpectAsync("INVITE");
        carrier.Answer(outgoing, "183 Session Progress", Reliable, HostileCarrier.Pcmu);
        carrier.Answer(await carrier.ExpectAsync("PRACK"), "200 OK");
        RawMessage progress = await carrier.ExpectAsync("183 INVITE");
        Assert.Contains("100rel", progress["Require"], StringComparison.Ordinal);
        Assert.StartsWith("m=audio", progress.Line("m="), StringComparison.Ordinal);
        carrier.Answer(outgoing, "200 OK");
        await carrier.ExpectAsync("ACK");
        await carrier.ExpectAgainAsync(progress);                                        // it waits for its PRACK still
        Assert.False(carrier.Has("200 INVITE"), carrier.Trace);
        RawDialog dialog = carrier.Dialog(progress);
        dialog.Send("PRACK", $"RAck: {progress["RSeq"]} 1 INVITE");
        await carrier.ExpectAsync("200 PRACK");
        RawMessage answer = await carrier.ExpectAsync("200 INVITE");
        dialog.Sequence = answer.Sequence;
        dialog.Ack();
        dialog.Sequence++;                                                               // the PRACK's
        dialog.Send("BYE");
        await carrier.ExpectAsync("200 BYE");
    }
}
