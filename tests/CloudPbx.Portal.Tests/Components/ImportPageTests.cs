using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Components.Pages.Import;
using Microsoft.AspNetCore.Components.Forms;

namespace CloudPbx.Portal.Tests.Components;

public sealed class ImportPageTests
{
    private static readonly ImportedRow s_taken = new() { File = ImportedFile.Users, Row = 2, Subject = "201", Taken = true, Note = "Extension and phone; the password is kept." };
    private static readonly ImportedRow s_left = new() { File = ImportedFile.Lines, Row = 3, Subject = "3002", Taken = false, Note = "The line has no password." };

    [Theory]
    [InlineData("en", "The line has no password.", "1 taken over, 1 left out")]
    [InlineData("zh-CN", "该外线没有密码。", "采用 1，未采用 1")]
    public async Task Files_are_looked_at_together_first_and_taken_over_when_that_is_asked_for(string language, string sentence, string sum)
    {
        await using PortalContext context = new(language);
        ImportReport report = new() { DryRun = true, Taken = 1, LeftOut = 1, Rows = [s_taken, s_left], Secrets = [] };
        context.Api.On("POST /v1/tenants/acme/import?dryRun=true", report);
        context.Api.On("POST /v1/tenants/acme/import?dryRun=false", report with { DryRun = false, Secrets = [new GeneratedSecret("202", "phone", "202", "only-once-here")] });
        var page = context.Bunit.Render<ImportPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.FindComponents<InputFile>()[0].UploadFiles(InputFileContent.CreateFromText("user\n201\n", "users.csv"));
        page.WaitForElement("[data-testid=import-apply]");
        page.FindComponents<InputFile>()[1].UploadFiles(InputFileContent.CreateFromText("line\n3002\n", "lines.csv"));
        page.WaitForAssertion(() => Assert.Equal("""{"users":"user\n201\n","lines":"line\n3002\n"}""", context.Api.Asked[^1].Body));
        page.WaitForAssertion(() => Assert.Contains(sentence, page.Find("[data-testid=import-report] tbody").TextContent, StringComparison.Ordinal));
        Assert.Equal(["3002", "201"], page.FindAll("[data-testid=import-report] tbody strong").Select(subject => subject.TextContent));       // what needs a hand comes first
        Assert.Contains(sum, page.Find("[data-testid=import-report]").TextContent, StringComparison.Ordinal);
        page.Find("[data-testid=import-apply]").Click();
        page.WaitForElement("[data-testid=import-secrets]").Click();
        Assert.DoesNotContain("only-once-here", page.Markup, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains(
            context.Bunit.JSInterop.Invocations, call => call.Identifier == "cloudpbx.download" && $"{call.Arguments[2]}".Contains("202,phone,202,only-once-here", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Another_company_on_the_same_page_begins_with_nothing()
    {
        await using PortalContext context = new();
        ImportReport report = new() { DryRun = true, Taken = 1, LeftOut = 0, Rows = [s_taken], Secrets = [] };
        context.Api.On("POST /v1/tenants/acme/import?dryRun=true", report);
        context.Api.On("POST /v1/tenants/other/import?dryRun=true", report);
        var page = context.Bunit.Render<ImportPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.FindComponents<InputFile>()[0].UploadFiles(InputFileContent.CreateFromText("user\n201\n", "users.csv"));
        page.WaitForElement("[data-testid=import-apply]");
        page.Render(parameters => parameters.Add(p => p.Tenant, "other"));
        Assert.Empty(page.FindAll("[data-testid=import-report]"));
        page.FindComponents<InputFile>()[1].UploadFiles(InputFileContent.CreateFromText("line\n3002\n", "lines.csv"));
        page.WaitForAssertion(() => Assert.Equal("""{"lines":"line\n3002\n"}""", context.Api.Asked[^1].Body));         // the first company's users stay with it
    }

    [Fact]
    public async Task A_file_that_is_no_table_is_told_in_the_users_language()
    {
        await using PortalContext context = new("zh-CN");
        context.Api.OnProblem("POST /v1/tenants/acme/import?dryRun=true", 400, "validation", new Dictionary<string, string[]> { ["$.users"] = ["Must not be empty: its first line names the columns."] });
        var page = context.Bunit.Render<ImportPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.FindComponents<InputFile>()[0].UploadFiles(InputFileContent.CreateFromText("", "users.csv"));
        page.WaitForAssertion(() => Assert.Contains("不能为空", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
    }
}
