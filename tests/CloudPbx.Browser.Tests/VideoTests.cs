using CloudPbx.Browser.Tests.Phones;

namespace CloudPbx.Browser.Tests;

/// <summary>Two people in browsers who see each other: signalling, keys and both streams pass through the whole product.</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class VideoTests(PortalFixture portal)
{
    private const int CallerTone = 703, CalleeTone = 527;

    [Fact]
    public async Task Two_browsers_with_cameras_see_and_hear_each_other()      // RFC 9143: voice and picture on one transport, on both sides
    {
        await using CameraPhone caller = await CameraPhone.StartAsync(portal, portal.Account("100"), CallerTone, "rgb(220, 20, 20)");
        await using CameraPhone callee = await CameraPhone.StartAsync(portal, portal.Account("101"), CalleeTone, "rgb(20, 20, 220)");
        await caller.DialAsync("101");
        await callee.PhaseAsync("incoming");
        await callee.AnswerAsync();
        await caller.PhaseAsync("talking");
        await callee.PhaseAsync("talking");
        await caller.HearsAsync(CalleeTone);
        await callee.HearsAsync(CallerTone);
        await caller.SeesAsync("blue");
        await callee.SeesAsync("red");
        await callee.HangUpAsync();
        await caller.PhaseAsync("ended");
    }
}
