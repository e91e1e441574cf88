using System.CommandLine;
using System.Globalization;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>phones</c>: the live registrations.</summary>
internal static class PhonesCommand
{
    private static readonly Option<string?> s_tenant = TenantChoice.Option();

    public static Command Build()
    {
        var command = new Command("phones", "List the phones that are registered at the running product.") { RunCommand.Data, s_tenant };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            foreach (TenantDto tenant in await TenantChoice.ChooseAsync(api, parsed.GetValue(s_tenant), cancel))
            {
                IReadOnlyList<RegistrationDto> phones = (await api.GetAsync<Page<RegistrationDto>>($"tenants/{tenant.Id}/registrations", cancel)).Items;
                await Console.Out.WriteLineAsync($"Tenant {tenant.Name}: {(phones.Count == 0 ? "no phone is registered." : "")}");
                if (phones.Count > 0) Table(phones).WriteTo(Console.Out);
            }
            return 0;
        });
        return command;
    }

    private static TextTable Table(IEnumerable<RegistrationDto> phones)
    {
        var table = new TextTable("Extension", "Transport", "Address", "User agent", "Since", "Expires in");
        foreach (RegistrationDto phone in phones)
        {
            table.Add(
                phone.Extension,
                phone.Transport.ToUpperInvariant(),
                phone.RemoteAddress,
                phone.UserAgent,
                phone.RegisteredAt.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                $"{Math.Max(0, (int)(phone.ExpiresAt - DateTime.UtcNow).TotalSeconds)} s");
        }
        return table;
    }
}
