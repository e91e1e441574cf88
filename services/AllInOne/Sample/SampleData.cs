using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.AllInOne.Commands;
using CloudPbx.AllInOne.FirstStart;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.CallRecords;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Authentication;

namespace CloudPbx.AllInOne.Sample;

/// <summary><c>run --sample</c>: three companies with a past, for demonstrations, screenshots and tests. The tenants go in by the API like any other; what has happened goes where events put it.</summary>
internal static class SampleData
{
    private const int RecordingsEach = 8;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Nobody's data gets mixed with invented ones.</summary>
    /// <exception cref="StartException">There is something in the folder.</exception>
    public static void RefuseUnlessEmpty(string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new StartException($"--sample fills a new installation, and {folder} is not empty. Choose another folder with --data DIR, or start without --sample.");
    }

    /// <summary>Makes the data.</summary>
    /// <param name="installation">The data folder.</param>
    /// <param name="apiSocket">Where the API is.</param>
    /// <param name="services">The product's services.</param>
    /// <param name="options">What was asked for.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What the first screen tells: the first company.</returns>
    public static async Task<DemoTenant> MakeAsync(Installation installation, string apiSocket, IServiceProvider services, RunOptions options, CancellationToken cancel)
    {
        using var api = new ApiClient(apiSocket, OperatorToken.ReadOrCreate(installation.OperatorToken));
        await api.PutAsync<PlanDto>("plans/trial", """{"displayName":"Trial","maxExtensions":20,"maxTrunks":2,"maxChannels":10,"trialDays":30,"forSignUp":true}""", cancel);
        await api.PutAsync<PlanDto>("plans/business", """{"displayName":"Business","maxExtensions":500,"maxTrunks":10,"maxChannels":60}""", cancel);
        DateTime now = services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        DemoTenant? first = null;
        for (int i = 0; i < SampleCompany.All.Count; i++)
        {
            SampleCompany company = SampleCompany.All[i];
            string domain = $"{company.Name}.{options.SignUpDomain()}";
            TenantDocument document = company.ToDocument(domain) with { IsDefault = i == 0 };
            ApplyReport report = await api.PutAsync<ApplyReport>($"tenants/{company.Name}/document", JsonSerializer.Serialize(document, s_json), cancel);
            await MakeCallsAsync(company, report.Id, now, i + 1, services, cancel);
            first ??= new DemoTenant(domain, [.. report.GeneratedSecrets.Where(made => made.AuthUser == made.Extension).Take(3).Select(made => (made.Extension, made.Secret))]);
        }
        return first!;
    }

    private static async Task MakeCallsAsync(SampleCompany company, TenantId tenant, DateTime now, int seed, IServiceProvider services, CancellationToken cancel)
    {
        List<CallEnded> calls = [.. new SampleCalls(company, tenant, now, seed).Make()];
        TenantLoad load = await services.GetRequiredService<ITenantConfigurationSource>().LoadAsync(tenant, cancel);
        if (!load.IsLoaded)
            throw new StartException($"The sample's tenant {company.Name} cannot be read: {load.Outcome}.");
        IBlobStore blobs = services.GetRequiredService<IBlobStore>();
        int left = RecordingsEach;
        for (int i = calls.Count - 1; i >= 0 && left > 0; i--)
        {
            if (calls[i] is not { AnsweredAt: { } answered, Direction: not CallDirection.Internal } call || (call.EndedAt - answered).TotalSeconds is < 12 or > 90)
                continue;
            int seconds = (int)(call.EndedAt - answered).TotalSeconds;
            RecordingId id = RecordingId.New();
            byte[] key = RandomNumberGenerator.GetBytes(CloudPbx.Blobs.Recordings.SealedAudio.KeyLength), file = SampleRecording.Make(id, seconds, (seed * 100) + left, key);
            using MemoryStream stream = new(file);
            await blobs.PutAsync(BlobPath.Recording(tenant, id), stream, cancel);
            calls[i] = call with
            {
                Recordings =
                [
                    new CallRecording
                    {
                        Id = id, StartedAt = answered, DurationMilliseconds = seconds * 1000, Length = file.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(file)), SealedKey = load.Configuration.Seal(id, key),
                    },
                ],
            };
            left--;
        }
        await services.GetRequiredService<CallRecordWriter>().StoreHistoryAsync(tenant, calls, cancel);
    }
}
