using System.Linq.Expressions;
using System.Reflection;
using CloudPbx.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Query;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>Takes the tenant's filter out of every query: what keeps tenants apart now is the database alone.</summary>
internal sealed class UnfilteredQueries : IQueryExpressionInterceptor
{
    private int _queries;

    /// <summary>How many queries lost their filter.</summary>
    public int Queries => _queries;

    public Expression QueryCompilationStarting(Expression queryExpression, QueryExpressionEventData eventData)
    {
        if (eventData.Context is not PbxDbContext)
            return queryExpression;
        Interlocked.Increment(ref _queries);
        return new Unfiltering().Visit(queryExpression);
    }

    private sealed class Unfiltering : ExpressionVisitor
    {
        private static readonly MethodInfo s_ignore = typeof(EntityFrameworkQueryableExtensions).GetMethods()
            .Single(m => m.Name == nameof(EntityFrameworkQueryableExtensions.IgnoreQueryFilters) && m.GetParameters().Length == 1);

        private bool _done;

        protected override Expression VisitExtension(Expression node)
        {
            if (_done || node is not EntityQueryRootExpression root)
                return base.VisitExtension(node);
            _done = true;                                         // once counts for the whole query
            return Expression.Call(s_ignore.MakeGenericMethod(root.ElementType), node);
        }
    }
}
