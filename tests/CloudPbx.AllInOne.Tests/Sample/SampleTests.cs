using System.Text.Json;
using CloudPbx.AllInOne.Sample;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.AllInOne.Tests.Sample;

public sealed class SampleTests
{
    private static readonly DateTime s_now = new(2026, 11, 26, 15, 30, 0, DateTimeKind.Utc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_companies_have_200_extensions_and_50_000_calls_together()
    {
        Assert.Equal((3, 200, 50_000), (SampleCompany.All.Count, SampleCompany.All.Sum(c => c.Extensions), SampleCompany.All.Sum(c => c.Calls)));
        Assert.All(SampleCompany.All, company => Assert.Equal(company.Extensions, company.ToDocument("a.example").Extensions.Select(e => e.Number).Distinct().Count()));
    }

    [Fact]
    public void The_same_seed_and_instant_make_the_same_calls_and_they_are_such_as_calls_are()
    {
        SampleCompany company = SampleCompany.All[2];
        TenantId tenant = TenantId.New();
        IReadOnlyList<CallEnded> calls = new SampleCalls(company, tenant, s_now, 3).Make(), again = new SampleCalls(company, tenant, s_now, 3).Make();
        Assert.Equal(calls.Select(c => (c.CallId, c.CallerNumber, c.EndedAt)), again.Select(c => (c.CallId, c.CallerNumber, c.EndedAt)));
        Assert.Equal(calls.Count, calls.Select(c => c.CallId).Distinct().Count());
        Assert.Equal(calls.OrderBy(c => c.StartedAt), calls);
        Assert.All(calls, call =>
        {
            Assert.InRange(call.StartedAt, s_now.AddDays(-91), s_now);
            Assert.InRange(call.EndedAt, call.StartedAt, s_now);
            Assert.True(call.EndedAt > call.StartedAt && (call.AnsweredAt is null || call.AnsweredAt > call.StartedAt) && call.AnsweredAt is null != (call.Disposition == CallDisposition.Answered));
            Assert.True((call.Direction == CallDirection.Internal || call.Steps[^1].Rule == "barred") == (call.TrunkName is null));
            Assert.NotEmpty(call.Steps);
        });
        Assert.InRange(calls.Count(c => c.Disposition == CallDisposition.Answered), calls.Count * .7, calls.Count * .78);
        Assert.InRange(calls.Count(c => c.StartedAt.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday), 1, calls.Count * .15);
    }

    [Fact]
    public void Calls_that_failed_tell_why_message_by_message_as_the_product_does()
    {
        IReadOnlyList<CallEnded> calls = new SampleCalls(SampleCompany.All[0], TenantId.New(), s_now, 1).Make();
        Assert.All(calls.Where(call => call.AnsweredAt is null), call =>
        {
            Assert.NotNull(call.Ladder);
            LadderMessage last = call.Ladder.Messages.Last(message => message is { Leg: 1, Method: "INVITE", Status: > 0 });
            Assert.Equal((call.SipStatus, false), (last.Status, last.FromParty));                          // what the caller's phone was told is what the record says
            Assert.All(call.Ladder.Messages, message => Assert.Contains(call.Ladder.Parties, party => party.Leg == message.Leg));
            Assert.Equal(call.Ladder.Messages.OrderBy(message => message.At), call.Ladder.Messages);
        });
        // Each kind of failure that people ask about is among them, and all sound is not good.
        Assert.Superset(new HashSet<int> { 403, 404, 480, 486, 487, 488, 500, 603 }, calls.Where(call => call.StartedAt > s_now.AddDays(-14)).Select(call => call.SipStatus).ToHashSet());
        Assert.Contains(calls, call => call.Media.Any(leg => leg.PacketsReceived == 0));
        Assert.Contains(calls, call => call.Steps.Any(step => step.Rule == "forward-no-answer"));
        Assert.Contains(calls, call => call.StartedAt > s_now.AddHours(-6));                               // today is not empty
    }

    [Fact]
    public async Task A_folder_with_anything_in_it_is_refused()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cloudpbx-sample-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "notes.txt"), "mine", Cancel);
        (int code, string output) = await RunningProduct.RunProgramAsync(["run", "--sample", "--data", folder.FullName], Cancel);
        Assert.Equal(1, code);
        Assert.Contains("is not empty", output, StringComparison.Ordinal);
        Assert.Single(folder.EnumerateFileSystemInfos());
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_new_installation_is_filled()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cloudpbx-sample-");
        await using (ChildProcess product = RunningProduct.StartProgram(["run", "--sample", "--data", folder.FullName, "--sip-port", "0", "--tls-port", "0", "--https-port", "0", "--media-ports", "41000-41099"]))
        {
            Assert.True(await product.Output.WaitAsync(line => line.StartsWith("CloudPbx is ready", StringComparison.Ordinal), 0, TimeSpan.FromMinutes(5), Cancel) is not null, product.Tail());
            Assert.NotNull(await product.Output.WaitAsync(line => line.TrimStart().StartsWith("102 ", StringComparison.Ordinal), 0, TimeSpan.FromSeconds(20), Cancel));      // phones can be connected at once
            using JsonDocument running = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "run.json"), Cancel));
            using PbxApi api = new(running.RootElement.GetProperty("apiSocket").GetString()!, (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "operator.token"), Cancel)).Trim());
            Assert.Equal(3, (await api.GetAsync("tenants", Cancel)).GetProperty("items").GetArrayLength());
            Assert.Equal(200, (await api.GetAsync("tenants/acme/calls?limit=200", Cancel)).GetProperty("items").GetArrayLength());
            Assert.Equal(8, (await api.GetAsync("tenants/huaxing/recordings", Cancel)).GetProperty("items").GetArrayLength());
        }
        folder.Delete(recursive: true);
    }
}
