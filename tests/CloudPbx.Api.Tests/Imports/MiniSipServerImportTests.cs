using CloudPbx.Api.Imports;
using CloudPbx.Contracts.Api;

namespace CloudPbx.Api.Tests.Imports;

public sealed class MiniSipServerImportTests
{
    private static readonly TenantDocument s_present = new() { Name = "acme", Extensions = [new ExtensionDocument { Number = "100", DisplayName = "Kept" }] };

    [Fact]
    public void Users_become_extensions_with_a_phone_and_keep_a_password_that_is_long_enough()
    {
        MiniSipServerImport import = new(s_present);
        Assert.Null(import.AddUsers("Local User;Password;Display Name\n100;100;Other\n101;longer-than-eight;Bob\n102;102;\nabc;x;y\n"));
        Assert.Equal([("100", "Kept"), ("101", "Bob"), ("102", null)], import.Document.Extensions.Select(e => (e.Number, e.DisplayName)));
        Assert.Equal(["longer-than-eight", null], import.Document.Extensions.Skip(1).Select(e => e.Devices[0].Secret));
        Assert.Equal([(2, false), (3, true), (4, true), (5, false)], import.Report.Select(r => (r.Row, r.Taken)));
        Assert.Contains("stays as it is", import.Report[0].Note, StringComparison.Ordinal);
        Assert.Contains("a new password", import.Report[2].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_become_trunks_that_register_and_a_route_for_everything()
    {
        MiniSipServerImport import = new(s_present);
        import.AddLines("external_line,password,server address,port,local user\n2001,pw,sip.carrier.example,5070,100\n2002,pw,sip.carrier.example,,999\n2003,,sip.carrier.example,,\n2004,pw,,,\n");
        TrunkDocument trunk = import.Document.Trunks[0];
        Assert.Equal(("2001", "sip.carrier.example", 5070, "100", "pw"), (trunk.Name, trunk.Server.Host, trunk.Server.Port, trunk.DefaultExtension, trunk.Accounts[0].Password));
        Assert.Null(import.Document.Trunks[1].DefaultExtension);
        Assert.Equal([true, true, false, false], import.Report.Select(r => r.Taken));
        Assert.Equal(["2001", "2002"], import.Document.Routes.Single().Trunks.Select(t => t.Trunk));
        Assert.Equal("9", import.Document.Outside!.OutsidePrefix);
    }

    [Fact]
    public void The_dial_plan_becomes_routes_that_rewrite()
    {
        MiniSipServerImport import = new(s_present);
        import.AddLines("line,password,server\n2001,pw,sip.carrier.example\n");
        import.AddDialPlan("Prefix,Line,Delete digits,Insert\n00,2001,2,+\n0,2009,,\n1,,5,\n,,,\n112,2001,,\n");
        Assert.Equal([("all", ""), ("dial 00", "00>+"), ("dial 112", "")], import.Document.Routes.Select(r => (r.Name, string.Concat(r.Rewrite.Select(w => $"{w.Prefix}>{w.Replacement}")))));
        Assert.Equal([true, false, false, true], import.Report.Skip(1).Select(r => r.Taken));
    }

    [Theory]
    [InlineData("", "Must not be empty")]
    [InlineData("a,b\n1,2\n", "Must have a column \"local user\" or")]
    [InlineData("user\n\"1\n", "Line 2: a quotation mark")]
    public void A_file_that_is_none_says_so(string text, string sentence) => Assert.StartsWith(sentence, new MiniSipServerImport(s_present).AddUsers(text), StringComparison.Ordinal);

    [Fact]
    public void What_a_row_has_made_is_found_by_its_place_and_is_left_out_where_it_was_refused()
    {
        const string Users = "user,password\n101,long-enough\n102,long-enough\n";
        MiniSipServerImport import = new(s_present);
        import.AddUsers(Users);
        Assert.Equal((ImportedFile.Users, 3), import.RowOf("$.extensions[2].displayName"));
        Assert.Null(import.RowOf("$.extensions[0].number"));                                         // the tenant's own
        Assert.Null(import.RowOf("$.name"));
        import = new(s_present, new Dictionary<(ImportedFile, int), string> { [(ImportedFile.Users, 2)] = "Must be shorter." });
        import.AddUsers(Users);
        Assert.Equal(["100", "102"], import.Document.Extensions.Select(e => e.Number));
        Assert.Equal("Must be shorter.", import.Report[0].Note);
    }
}
