using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Processes;
using CloudPbx.TestKit.Stores;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>Disks that are full or away while a call is recorded: the call goes on.</summary>
[Collection(BuiltInPhonesGroup.Name)]
public sealed class DiskScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_a_full_disk_the_call_goes_on_its_recording_is_partial_and_plays_and_later_ones_are_whole()
    {
        string folder = Directory.CreateTempSubdirectory("pbx-full-").FullName;
        try
        {
            await using SmallDisk disk = await SmallDisk.MountAsync(Path.Combine(folder, "recordings"), 1024, Cancel);
            await using RunningProduct pbx = await RunningProduct.StartAsync(folder, [], Cancel);
            await using Company company = await FoundAsync(pbx);
            Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
            (PhoneCall atAlice, PhoneCall atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
            await CallScenarios.HearEachOtherAsync(atAlice, atBob, 400, 600);
            await Keys.SpeakAsync(atAlice, 150);
            disk.Fill();
            await CallScenarios.HearEachOtherAsync(atAlice, atBob, 440, 640);
            await Keys.SpeakAsync(atAlice, 200);                  // half a second and more that finds no room
            disk.Clear();
            await CallScenarios.HearEachOtherAsync(atAlice, atBob, 480, 680);
            await Keys.SpeakAsync(atAlice, 150);
            long sent = atAlice.Audio.Figures.Sent;
            await atAlice.HangUpAsync();

            StoredRecording partial = Assert.Single(await StoredRecording.WaitAsync(pbx.Api, company.Name, 1, Cancel));
            Assert.True(partial.IsPartial);
            await partial.AssertHashAsync(pbx, company.Name, Cancel);
            Assert.InRange(partial.Wave.Duration.TotalSeconds, (sent * 0.02) - 0.5, (sent * 0.02) + 0.5);      // what was lost keeps its time
            foreach ((int channel, double first, double last) in new[] { (0, 400.0, 480.0), (1, 600.0, 680.0) })
            {
                IReadOnlyList<StoredRecording.HeardTone> tones = partial.Tones(channel);
                Assert.InRange(tones.First(tone => tone.Hertz > 0).Hertz, first - 5, first + 5);
                Assert.InRange(tones[^1].Hertz, last - 5, last + 5);
                Assert.Contains(tones, tone => tone.Hertz == 0 && tone.End - tone.Start > TimeSpan.FromSeconds(2));              // the hole
            }

            (atAlice, atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
            await CallScenarios.HearEachOtherAsync(atAlice, atBob, 520, 720);
            await Keys.SpeakAsync(atAlice, 50);
            await atAlice.HangUpAsync();
            StoredRecording whole = (await StoredRecording.WaitAsync(pbx.Api, company.Name, 2, Cancel))[^1];
            Assert.False(whole.IsPartial);
            whole.AssertTones(0, 520);
            whole.AssertTones(1, 720);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task While_the_object_store_is_away_recordings_wait_and_are_stored_when_it_is_back()
    {
        string folder = Directory.CreateTempSubdirectory("pbx-away-").FullName;
        try
        {
            await using SmallDisk store = await SmallDisk.MountAsync(Path.Combine(folder, "blobs"), 4096, Cancel);
            await using RunningProduct pbx = await RunningProduct.StartAsync(folder, [], Cancel, new Dictionary<string, string?> { ["RecordingUpload__RetrySeconds"] = "1" });
            await using Company company = await FoundAsync(pbx);
            Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
            await store.SetReadOnlyAsync(true, Cancel);
            (PhoneCall atAlice, PhoneCall atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
            await CallScenarios.HearEachOtherAsync(atAlice, atBob, 400, 600);
            await Keys.SpeakAsync(atAlice, 50);
            await atAlice.HangUpAsync();
            Assert.NotNull(await pbx.Process.Output.WaitAsync(line => line.Contains("waits on disk", StringComparison.Ordinal), 0, TimeSpan.FromSeconds(30), Cancel));
            await company.RecordAsync(1, Cancel);
            JsonElement entry = Assert.Single((await pbx.Api.GetAsync($"tenants/{company.Name}/recordings", Cancel)).GetProperty("items").EnumerateArray());
            Assert.Null(await pbx.Api.TryGetOctetsAsync($"tenants/{company.Name}/recordings/{entry.GetProperty("id").GetString()}/audio", Cancel));
            await store.SetReadOnlyAsync(false, Cancel);

            StoredRecording stored = Assert.Single(await StoredRecording.WaitAsync(pbx.Api, company.Name, 1, Cancel));
            Assert.False(stored.IsPartial);                       // it came late, and nothing of it is lost
            stored.AssertTones(0, 400);
            stored.AssertTones(1, 600);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]                                           // it hangs
    [InlineData(true)]                                            // nobody listens
    public async Task An_S3_store_that_is_gone_while_a_call_is_recorded_gets_the_recording_when_it_is_back(bool dies)
    {
        await using ObjectStore store = await ObjectStore.StartAsync(Cancel);
        Dictionary<string, string?> settings = await store.SettingsAsync(Cancel);
        settings["RecordingUpload__RetrySeconds"] = "1";
        await using RunningProduct pbx = await RunningProduct.StartAsync([], Cancel, settings);
        await using Company company = await FoundAsync(pbx);
        Phone alice = await company.RegisterAsync("100"), bob = await company.RegisterAsync("101");
        (PhoneCall atAlice, PhoneCall atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 400, 600);
        if (dies)
            await store.KillAsync(Cancel);
        else
            store.Hang(true);
        await CallScenarios.HearEachOtherAsync(atAlice, atBob, 440, 640);
        await Keys.SpeakAsync(atAlice, 50);
        await atAlice.HangUpAsync();
        await company.RecordAsync(1, Cancel);
        if (dies)
        {
            Assert.NotNull(await pbx.Process.Output.WaitAsync(line => line.Contains("waits on disk", StringComparison.Ordinal), 0, TimeSpan.FromSeconds(60), Cancel));
            await store.BeginAsync(Cancel);
        }
        else
        {
            (atAlice, atBob) = await CallScenarios.TalkAsync(alice, bob, "101");
            await CallScenarios.HearEachOtherAsync(atAlice, atBob, 480, 680);                        // calls do not wait for it
            await Keys.SpeakAsync(atAlice, 50);
            await atAlice.HangUpAsync();
            store.Hang(false);
        }

        StoredRecording stored = (await StoredRecording.WaitAsync(pbx.Api, company.Name, dies ? 1 : 2, Cancel))[0];
        Assert.False(stored.IsPartial);
        stored.AssertTones(0, 400, 440);
        stored.AssertTones(1, 600, 640);
        Assert.Empty(Directory.Exists(Path.Combine(pbx.DataFolder, "blobs")) ? Directory.EnumerateFiles(Path.Combine(pbx.DataFolder, "blobs"), "*", SearchOption.AllDirectories) : []);
    }

    private static async Task<Company> FoundAsync(RunningProduct pbx)
    {
        Company company = await Company.FoundAsync(pbx, Cancel);
        await pbx.Api.PutAsync($"tenants/{company.Name}/extensions/100", """{"number":"100","recording":"always"}""", Cancel);
        return company;
    }
}
