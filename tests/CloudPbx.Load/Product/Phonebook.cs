using System.Globalization;
using System.Text.Json.Nodes;

namespace CloudPbx.Load.Product;

/// <summary>The users of the loads: some tenants with extensions whose numbers are unique on the whole platform, all with one password, so that a peer without tenants can serve them too.</summary>
internal static class Phonebook
{
    public const int Tenants = 10, ExtensionsPerTenant = 500, Users = Tenants * ExtensionsPerTenant;
    public const string Password = "bench-Secret-0123456789";

    /// <summary>The domain of a user's tenant; neighbours in number are of different tenants.</summary>
    public static string DomainOf(int user) => DomainOfTenant(user % Tenants);

    /// <summary>The user's extension.</summary>
    public static string NumberOf(int user) => (100_000 + user).ToString(CultureInfo.InvariantCulture);

    /// <summary>The document of a tenant, for <c>./pbx apply</c>.</summary>
    public static string Document(int tenant)
    {
        JsonArray extensions = [];
        for (int user = tenant; user < Users; user += Tenants)
            extensions.Add(new JsonObject { ["number"] = NumberOf(user), ["devices"] = new JsonArray(new JsonObject { ["secret"] = Password }) });
        return new JsonObject { ["name"] = $"bench-{tenant}", ["domains"] = new JsonArray(DomainOfTenant(tenant)), ["extensions"] = extensions }.ToJsonString();
    }

    private static string DomainOfTenant(int tenant) => $"t{tenant}.bench.test";
}
