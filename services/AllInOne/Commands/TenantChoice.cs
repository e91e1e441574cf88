using System.CommandLine;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary>The option <c>--tenant</c>, and what it means to leave it out: every tenant.</summary>
internal static class TenantChoice
{
    public static Option<string?> Option() => new("--tenant") { Description = "Name of one tenant. Default: all of them." };

    /// <summary>The option of a command that is about one tenant.</summary>
    public static Option<string?> OneOption() => new("--tenant") { Description = "Name of the tenant. Default: the default tenant, or the only one." };

    /// <summary>The tenant meant.</summary>
    /// <exception cref="StartException">There is none of that name, or several and none of them is the default.</exception>
    public static async Task<TenantDto> ChooseOneAsync(ApiClient api, string? name, CancellationToken cancel)
    {
        IReadOnlyList<TenantDto> tenants = await ChooseAsync(api, name, cancel);
        return tenants.FirstOrDefault(tenant => name is not null || tenants.Count == 1 || tenant.IsDefault)
            ?? throw new StartException(tenants.Count == 0 ? "There are no tenants." : $"Say which tenant with --tenant: {string.Join(", ", tenants.Select(t => t.Name))}.");
    }

    /// <summary>The tenants meant.</summary>
    /// <exception cref="StartException">There is none of that name.</exception>
    public static async Task<IReadOnlyList<TenantDto>> ChooseAsync(ApiClient api, string? name, CancellationToken cancel)
    {
        List<TenantDto> tenants = [];
        string? next = null;
        do
        {
            Page<TenantDto> page = await api.GetAsync<Page<TenantDto>>($"tenants?limit=200{(next is null ? "" : "&after=" + Uri.EscapeDataString(next))}", cancel);
            tenants.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null);
        if (name is null) return tenants;
        return tenants.Find(t => t.Name == name) is { } tenant
            ? [tenant]
            : throw new StartException($"There is no tenant '{name}'. There {(tenants.Count == 0 ? "are none" : $"are: {string.Join(", ", tenants.Select(t => t.Name))}")}.");
    }
}
