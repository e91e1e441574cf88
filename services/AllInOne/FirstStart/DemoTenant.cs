using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.AllInOne.Commands;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Authentication;

namespace CloudPbx.AllInOne.FirstStart;

/// <summary>The tenant that a newcomer finds: three extensions with a phone each, random passwords. It goes in by the API, like any other.</summary>
/// <param name="Domain">Its domain; <see langword="null"/> when there is none.</param>
/// <param name="Secrets">Extension and password, when they were made just now.</param>
internal sealed record DemoTenant(string? Domain, IReadOnlyList<(string Extension, string Password)> Secrets)
{
    public const string Name = "demo";

    private static readonly string[] s_numbers = ["100", "101", "102"];
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Creates it when the installation has no tenant at all; else finds it if it is there.</summary>
    public static async Task<DemoTenant> EnsureAsync(Installation installation, string apiSocket, RunOptions options, CancellationToken cancel)
    {
        using var api = new ApiClient(apiSocket, OperatorToken.ReadOrCreate(installation.OperatorToken));
        IReadOnlyList<TenantDto> tenants = await TenantChoice.ChooseAsync(api, null, cancel);
        if (tenants.Count > 0 || !options.Demo)
        {
            if (tenants.FirstOrDefault(t => t.Name == Name) is null) return new DemoTenant(null, []);
            TenantDocument document = await api.GetAsync<TenantDocument>($"tenants/{Name}/document", cancel);
            return new DemoTenant(document.Domains.Count > 0 ? document.Domains[0] : null, []);
        }
        var demo = new TenantDocument
        {
            Name = Name,
            Domains = [options.Domain],
            IsDefault = true,
            Extensions = [.. s_numbers.Select(number => new ExtensionDocument { Number = number, Devices = [new DeviceDocument()] })],
        };
        // So that the sign-up can be tried: it is open as long as there is a plan for it.
        await api.PutAsync<PlanDto>("plans/trial", """{"displayName":"Trial","maxExtensions":20,"maxTrunks":2,"maxChannels":10,"trialDays":30,"forSignUp":true}""", cancel);
        ApplyReport report = await api.PutAsync<ApplyReport>($"tenants/{Name}/document", JsonSerializer.Serialize(demo, s_json), cancel);
        return new DemoTenant(options.Domain, [.. report.GeneratedSecrets.Select(s => (s.Extension, s.Secret))]);
    }
}
