namespace CloudPbx.Scenarios.Cluster;

/// <summary>Lines that are registered at Kamailio, a tenant's own and one of a trunk of the platform, while the processes that keep them die and are replaced.</summary>
[Collection(ClusterGroup.Name)]
public sealed class LineScenarios(ClusterFixture fixture)
{
    private const int SigKill = 9, SigTerm = 15;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_line_has_exactly_one_live_registration_whichever_process_is_killed_or_started_again()
    {
        await using LineScene scene = await LineScene.StartAsync(fixture.Pbx);
        await scene.OneLiveRegistrationAsync("at first");

        // One worker after the other: whoever keeps a line is among them, and the second one keeps what it got from the first.
        foreach (string process in fixture.Pbx.Workers.Append("edge"))
        {
            fixture.Pbx.Signal(process, SigKill);
            await fixture.Pbx.EndedAsync(process, Cancel);
            await fixture.Pbx.RunsAgainAsync(process, Cancel);
            await scene.OneLiveRegistrationAsync($"after the death of {process}");
        }

        // All of them in order, as when a new version comes.
        foreach (string process in fixture.Pbx.Workers.Append("edge"))
        {
            fixture.Pbx.Signal(process, SigTerm);
            await fixture.Pbx.RunsAgainAsync(process, Cancel);
        }
        await scene.OneLiveRegistrationAsync("after the restart");
    }
}
