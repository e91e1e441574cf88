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
        import.AddRouteForEveryNumber();
        Assert.Equal(["2001", "2002"], import.Document.Routes.Single().Trunks.Select(t => t.Trunk));
        Assert.Equal((ImportedFile.Lines, 1, "all", true), (import.Report[^1].File, import.Report[^1].Row, import.Report[^1].Subject, import.Report[^1].Taken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("9")]
    [InlineData("00")]
    public void The_outside_prefix_stays_as_it_is(string prefix)
    {
        OutsideDocument outside = new() { OutsidePrefix = prefix, Country = "DE" };
        MiniSipServerImport import = new(s_present with { Outside = outside });
        import.AddLines("line,password,server\n2001,pw,sip.carrier.example\n");
        import.AddRouteForEveryNumber();
        Assert.Single(import.Document.Trunks);
        Assert.Same(outside, import.Document.Outside);
    }

    [Fact]
    public void A_route_for_every_number_comes_with_new_lines_only_and_goes_over_them_alone()
    {
        TenantDocument present = s_present with { Trunks = [TrunkOf("old")], Routes = [RouteOf("all", "0", "old")] };
        MiniSipServerImport none = new(present);
        none.AddLines("line,password,server\nold,pw,sip.carrier.example\n2001,,sip.carrier.example\n");
        none.AddRouteForEveryNumber();
        Assert.Equal(["all"], none.Document.Routes.Select(r => r.Name));                             // no line was taken
        Assert.Equal([false, false], none.Report.Select(r => r.Taken));
        MiniSipServerImport import = new(present);
        import.AddLines("line,password,server\n2001,pw,sip.carrier.example\n");
        import.AddRouteForEveryNumber();
        Assert.Equal([("all", "0", "old"), ("all 2", null, "2001")], import.Document.Routes.Select(r => (r.Name, r.Prefix, r.Trunks.Single().Trunk)));
        Assert.Equal(("all 2", true), (import.Report[^1].Subject, import.Report[^1].Taken));
        Assert.Equal((ImportedFile.Lines, 1), import.RowOf("$.routes[1].name"));
        MiniSipServerImport refused = new(present, new Dictionary<(ImportedFile, int), string> { [(ImportedFile.Lines, 1)] = "Must be shorter." });
        refused.AddLines("line,password,server\n2001,pw,sip.carrier.example\n");
        refused.AddRouteForEveryNumber();
        Assert.Single(refused.Document.Routes);
        Assert.Equal("Must be shorter.", refused.Report[^1].Note);
        MiniSipServerImport has = new(present with { Routes = [RouteOf("everything", null, "old")] });
        has.AddLines("line,password,server\n2001,pw,sip.carrier.example\n");
        has.AddRouteForEveryNumber();
        Assert.Equal(["everything"], has.Document.Routes.Select(r => r.Name));
    }

    [Fact]
    public void A_dial_plan_that_is_for_every_number_is_taken_instead()
    {
        MiniSipServerImport import = new(s_present with { Trunks = [TrunkOf("old")], Routes = [RouteOf("all", "0", "old")] });
        import.AddLines("line,password,server\n2001,pw,sip.carrier.example\n2002,pw,sip.carrier.example\n");
        import.AddDialPlan("prefix,line,insert\n,2002,+\n");
        import.AddRouteForEveryNumber();
        Assert.All(import.Report, row => Assert.True(row.Taken, row.Note));
        Assert.Equal([("all", "0", "old"), ("all 2", null, "2002")], import.Document.Routes.Select(r => (r.Name, r.Prefix, r.Trunks.Single().Trunk)));
    }

    [Fact]
    public void An_entry_over_every_line_needs_one_and_takes_the_new_ones_first()
    {
        const string Plan = "prefix\n00\n";
        MiniSipServerImport none = new(s_present);
        none.AddDialPlan(Plan);
        Assert.Empty(none.Document.Routes);
        Assert.Equal((false, "The tenant has no line of its own that this could go over: import the lines with the dial plan."), (none.Report.Single().Taken, none.Report.Single().Note));
        MiniSipServerImport import = new(s_present with { Trunks = [.. Enumerable.Range(0, 20).Select(n => TrunkOf($"old {n}"))] });
        import.AddLines("line,password,server\n2001,pw,sip.carrier.example\n2002,pw,sip.carrier.example\n");
        import.AddDialPlan(Plan);
        Assert.Equal(["2001", "2002", .. Enumerable.Range(0, 14).Select(n => $"old {n}")], import.Document.Routes.Single().Trunks.Select(t => t.Trunk));
    }

    [Fact]
    public void Rows_of_lines_and_of_the_dial_plan_beyond_a_thousand_are_left_out()
    {
        MiniSipServerImport import = new(s_present);
        import.AddLines("line,password,server\n" + string.Concat(Enumerable.Range(1000, 1001).Select(n => $"{n},pw,sip.carrier.example\n")));
        import.AddDialPlan("prefix\n" + string.Concat(Enumerable.Range(1000, 1002).Select(n => $"{n}\n")));
        Assert.Equal((1000, 1000), (import.Document.Trunks.Count, import.Document.Routes.Count));
        Assert.Equal([(ImportedFile.Lines, 1002, "2000"), (ImportedFile.DialPlan, 1002, "2000"), (ImportedFile.DialPlan, 1003, "2001")], import.Report.Where(r => !r.Taken).Select(r => (r.File, r.Row, r.Subject)));
        Assert.StartsWith("Only the first 1000 rows", import.Report[^1].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void The_dial_plan_becomes_routes_that_rewrite()
    {
        MiniSipServerImport import = new(s_present);
        import.AddLines("line,password,server\n2001,pw,sip.carrier.example\n");
        import.AddDialPlan("Prefix,Line,Delete digits,Insert\n00,2001,2,+\n0,2009,,\n1,,5,\n,,,\n112,2001,,\n");
        import.AddRouteForEveryNumber();
        Assert.Equal([("dial 00", "00>+"), ("dial 112", ""), ("all", "")], import.Document.Routes.Select(r => (r.Name, string.Concat(r.Rewrite.Select(w => $"{w.Prefix}>{w.Replacement}")))));
        Assert.Equal([true, false, false, true, true], import.Report.Skip(1).Select(r => r.Taken));
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

    private static TrunkDocument TrunkOf(string name) => new() { Name = name, Server = new TrunkServerDocument { Host = "sip.carrier.example" }, Accounts = [] };

    private static RouteDocument RouteOf(string name, string? prefix, string trunk) => new() { Name = name, Prefix = prefix, Trunks = [new RouteTrunkDocument { Trunk = trunk }] };
}
