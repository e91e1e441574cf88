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

    /// <summary>What is dialled before a number of the carrier's.</summary>
    public const string OutsidePrefix = "9030";

    /// <summary>Where the carrier is: no phone has its address, which proves who calls.</summary>
    public const string CarrierAddress = "127.0.0.2";

    /// <summary>The document of a tenant, for <c>./pbx apply</c>.</summary>
    public static string Document(int tenant) => Tenant(tenant).ToJsonString();

    /// <summary>The same with a carrier to which all outside calls go.</summary>
    /// <param name="tenant">The tenant's index.</param>
    /// <param name="port">The carrier's, UDP.</param>
    public static string DocumentWithTrunk(int tenant, int port)
    {
        JsonObject document = Tenant(tenant);
        string number = string.Create(CultureInfo.InvariantCulture, $"+49309{tenant:0000}");
        document["trunks"] = new JsonArray(new JsonObject
        {
            ["name"] = "carrier", ["kind"] = "ip", ["server"] = new JsonObject { ["host"] = CarrierAddress, ["port"] = port, ["transport"] = "udp" }, ["sources"] = new JsonArray(CarrierAddress),
            ["changes"] = new JsonObject { ["optionsKeepAlive"] = false },
        });
        document["numbers"] = new JsonArray(new JsonObject { ["number"] = number, ["trunk"] = "carrier", ["extension"] = NumberOf(tenant) });
        document["routes"] = new JsonArray(new JsonObject { ["name"] = "all", ["trunks"] = new JsonArray(new JsonObject { ["trunk"] = "carrier" }) });
        document["outside"] = new JsonObject { ["callerNumber"] = number };
        return document.ToJsonString();
    }

    private static JsonObject Tenant(int tenant)
    {
        JsonArray extensions = [];
        for (int user = tenant; user < Users; user += Tenants)
            extensions.Add(new JsonObject { ["number"] = NumberOf(user), ["devices"] = new JsonArray(new JsonObject { ["secret"] = Password }) });
        return new JsonObject { ["name"] = $"bench-{tenant}", ["domains"] = new JsonArray(DomainOfTenant(tenant)), ["extensions"] = extensions };
    }

    private static string DomainOfTenant(int tenant) => $"t{tenant}.bench.test";
}
