using System.Text.Json;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Limits for calls outside (SECURITY.md S1), as their owner sets them and as carriers and phones see them.</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class LimitScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S1_a_limit_ends_the_running_call_another_refuses_the_next_both_are_told_and_other_tenants_notice_nothing()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture), other = await CarrierScene.SetAsync(fixture);
        await fixture.Pbx.Api.PutAsync($"tenants/{scene.Company.Name}/limits", """{"maxCallSeconds":10,"outsideCallsPerMinute":2}""", Cancel);
        (PhoneCall untouched, RawMessage takenThere) = await other.TalkAsync();
        using IDisposable speech = other.Carrier.Media.Play(620, takenThere.Audio);

        (PhoneCall call, _) = await scene.TalkAsync();
        RawMessage bye = await scene.Carrier.ExpectAsync("BYE", TimeSpan.FromSeconds(40));
        scene.Carrier.Answer(bye, "200 OK");
        Assert.Contains("cause=31", bye["Reason"], StringComparison.Ordinal);             // RFC 3326, Q.850: normal, unspecified
        Assert.Equal(CallEndedBy.Peer, (await CarrierScene.EndedAsync(call)).By);
        await EventAsync(scene, "limit-call-seconds", "ended");

        PhoneCall second = await scene.DialAsync();
        scene.Carrier.Answer(await scene.Carrier.ExpectAsync("INVITE"), "486 Busy Here");
        await scene.Carrier.ExpectAsync("ACK");
        await CarrierScene.EndedAsync(second);
        PhoneCall third = await scene.DialAsync();
        Assert.Equal(503, (await CarrierScene.EndedAsync(third)).StatusCode);           // a minute later it may
        await EventAsync(scene, "limit-calls-per-minute", "refused");
        Assert.Equal(2, scene.Carrier.Count("INVITE"));

        Assert.False(untouched.Ended.IsCompleted);
        await other.HangUpAsync(untouched);
        await other.DialAsync();
        await other.Carrier.ExpectAsync("INVITE");
        JsonElement told = await fixture.Pbx.Api.GetAsync($"tenants/{other.Company.Name}/events?type=limit.reached", Cancel);
        Assert.Equal(0, told.GetProperty("items").GetArrayLength());
    }

    /// <summary>Waits until the tenant's event log tells that a limit acted.</summary>
    private async Task EventAsync(CarrierScene scene, string limit, string action)
    {
        long end = Environment.TickCount64 + (long)Deadlines.Signalling.TotalMilliseconds;
        while (true)
        {
            JsonElement log = await fixture.Pbx.Api.GetAsync($"tenants/{scene.Company.Name}/events?type=limit.reached", Cancel);      // it tells when it is asked only
            if (log.GetProperty("items").EnumerateArray().Select(each => each.GetProperty("data")).Any(data =>
                data.GetProperty("limit").GetString() == limit && data.GetProperty("action").GetString() == action && data.GetProperty("extension").GetString() == "100"))
                return;
            Assert.True(Environment.TickCount64 < end, log.GetRawText());
        }
    }
}
