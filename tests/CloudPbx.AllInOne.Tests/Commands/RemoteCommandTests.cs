using System.Text.Json;
using CloudPbx.TestKit;

namespace CloudPbx.AllInOne.Tests.Commands;

/// <summary>Commands for an installation elsewhere sign in by a program's key, over its public address, and may do what the key may.</summary>
public sealed class RemoteCommandTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_sign_in_by_a_programs_key_and_have_its_rights_and_no_others()
    {
        await using RunningProduct product = await RunningProduct.StartAsync([], Cancel);
        JsonElement key = await product.Api.PostAsync("tenants/acme/keys", """{"name":"commands","mayWrite":true}""", Cancel);
        JsonElement reading = await product.Api.PostAsync("tenants/acme/keys", """{"name":"reports","mayWrite":false}""", Cancel);

        (int code, string document) = await RunAsync(key, "export", "acme");
        Assert.True(code == 0, document);
        Assert.Equal("acme", JsonDocument.Parse(document).RootElement.GetProperty("name").GetString());
        (int others, string refused) = await RunAsync(key, "export", "globex");                       // of another tenant: not found
        Assert.Equal(1, others);
        Assert.DoesNotContain("103", refused, StringComparison.Ordinal);
        (int listed, string phones) = await RunAsync(reading, "phones", "--tenant", "acme");
        Assert.True(listed == 0, phones);

        string users = Path.Combine(product.DataFolder, "users.csv");
        await File.WriteAllTextAsync(users, "local user,password\n301,long-enough\n", Cancel);
        (int forbidden, _) = await RunAsync(reading, "import", "acme", "--users", users);             // it only reads
        Assert.Equal(1, forbidden);
        (int imported, string report) = await RunAsync(key, "import", "acme", "--users", users);
        Assert.True(imported == 0 && report.Contains("1 rows were taken", StringComparison.Ordinal), report);
        Assert.Equal("301", (await product.Api.GetAsync("tenants/acme/extensions/301", Cancel)).GetProperty("number").GetString());

        (int wrong, string sentence) = await RunSecretAsync(key, "another", ["calls"]);
        Assert.Equal(1, wrong);
        Assert.Contains("does not know the key", sentence, StringComparison.Ordinal);

        Task<(int, string)> RunAsync(JsonElement who, string verb, params string[] rest) => RunSecretAsync(who, who.GetProperty("clientSecret").GetString()!, [verb, .. rest]);

        Task<(int, string)> RunSecretAsync(JsonElement who, string secret, string[] line) => RunningProduct.RunProgramAsync(
            line, Cancel,
            new Dictionary<string, string?>
            {
                ["PBX_SERVER"] = $"https://localhost:{product.HttpsPort}", ["PBX_CLIENT_ID"] = who.GetProperty("clientId").GetString(), ["PBX_CLIENT_SECRET"] = secret, ["PBX_CA"] = product.CaFile,
            });
    }
}
