using CloudPbx.AllInOne.Sample;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.TestKit;

namespace CloudPbx.AllInOne.Tests.Sample;

public sealed class SampleTests
{
    private static readonly DateTime s_today = new(2026, 11, 26, 0, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_companies_have_200_extensions_and_50_000_calls_together()
    {
        Assert.Equal((3, 200, 50_000), (SampleCompany.All.Count, SampleCompany.All.Sum(c => c.Extensions), SampleCompany.All.Sum(c => c.Calls)));
        Assert.All(SampleCompany.All, company => Assert.Equal(company.Extensions, company.ToDocument("a.example").Extensions.Select(e => e.Number).Distinct().Count()));
    }

    [Fact]
    public void The_same_seed_and_day_make_the_same_calls_and_they_are_such_as_calls_are()
    {
        SampleCompany company = SampleCompany.All[2];
        TenantId tenant = TenantId.New();
        IReadOnlyList<CallEnded> calls = new SampleCalls(company, tenant, s_today, 3).Make(), again = new SampleCalls(company, tenant, s_today, 3).Make();
        Assert.Equal(calls.Select(c => (c.CallId, c.CallerNumber, c.EndedAt)), again.Select(c => (c.CallId, c.CallerNumber, c.EndedAt)));
        Assert.Equal(calls.Count, calls.Select(c => c.CallId).Distinct().Count());
        Assert.Equal(calls.OrderBy(c => c.StartedAt), calls);
        Assert.All(calls, call =>
        {
            Assert.InRange(call.StartedAt, s_today.AddDays(-91), s_today);
            Assert.True(call.EndedAt > call.StartedAt && (call.AnsweredAt is null || call.AnsweredAt > call.StartedAt) && call.AnsweredAt is null != (call.Disposition == CallDisposition.Answered));
            Assert.True(call.Direction == CallDirection.Internal == (call.TrunkName is null));
        });
        Assert.InRange(calls.Count(c => c.Disposition == CallDisposition.Answered), calls.Count * .7, calls.Count * .78);
        Assert.InRange(calls.Count(c => c.StartedAt.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday), 1, calls.Count * .15);
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
        RunOptions options = new() { Data = folder.FullName, Sample = true, SipPort = 0, TlsPort = 0, HttpsPort = 0, MediaPorts = new PortRange(41000, 41099) };
        await using (Product product = await Product.StartAsync(options, Cancel))
        {
            Assert.Equal(["100", "101", "102"], product.Banner.Secrets.Select(made => made.Extension));
            using PbxApi api = new(product.Running.ApiSocket, (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "operator.token"), Cancel)).Trim());
            Assert.Equal(3, (await api.GetAsync("tenants", Cancel)).GetProperty("items").GetArrayLength());
            Assert.Equal(200, (await api.GetAsync("tenants/acme/calls?limit=200", Cancel)).GetProperty("items").GetArrayLength());
            System.Text.Json.JsonElement recordings = (await api.GetAsync("tenants/huaxing/recordings", Cancel)).GetProperty("items");
            Assert.Equal(8, recordings.GetArrayLength());
        }
        folder.Delete(recursive: true);
    }
}
